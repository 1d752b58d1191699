from __future__ import annotations

from typing import Any

import pytest

from analyzer.join.labels import phone_label, trunk_label
from parsers.facts import Source
from parsers.facts.inventory import Phone, Trunk

MAC = "805e0c112233"
YEALINK = {"vendor": "Yealink", "model": "T53W"}


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (YEALINK | {"extensions": ["105"], "mac": MAC}, "Yealink T53W of extension 105"),
        (YEALINK | {"extensions": ["105", "106"]}, "Yealink T53W of extension 105, 106"),
        ({"vendor": "Yealink", "extensions": ["105"]}, "Yealink of extension 105"),
        ({"extensions": ["105"]}, "Phone of extension 105"),
        ({"extensions": [str(n) for n in range(100, 107)]}, "Phone of extension 100, 101, 102, 103, 104 …"),
        (YEALINK | {"mac": MAC, "ip": "192.0.2.4"}, "Yealink T53W (805e0c112233)"),
        (YEALINK | {"ip": "192.0.2.4"}, "Yealink T53W (192.0.2.4)"),
        (YEALINK, "Yealink T53W"),
        ({"mac": MAC, "ip": "192.0.2.4"}, "Phone 805e0c112233"),
        ({"ip": "192.0.2.4"}, "Device at 192.0.2.4"),
        ({}, "Device without name or address"),
    ],
)
def test_phones(columns: dict[str, Any], words: str) -> None:
    assert phone_label(Phone(source=Source(), **columns)) == words


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"number": "10000", "name": "Brightline", "host": "sip.example.com"}, "Trunk 10000 (Brightline)"),
        ({"number": "10000", "provider": "Bright"}, "Trunk 10000 (Bright)"),
        ({"number": "10000", "host": "sip.example.com"}, "Trunk 10000 (sip.example.com)"),
        ({"number": "10000"}, "Trunk 10000"),
        ({"name": "Brightline"}, "Trunk Brightline"),
        ({"host": "sip.example.com"}, "Trunk to sip.example.com"),
        ({}, "Trunk without name or address"),
    ],
)
def test_trunks(columns: dict[str, Any], words: str) -> None:
    assert trunk_label(Trunk(source=Source(), **columns)) == words
