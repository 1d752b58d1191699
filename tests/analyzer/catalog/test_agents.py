from __future__ import annotations

import time

import pytest

from analyzer.catalog import Catalog
from analyzer.catalog.agents import LONGEST, AgentReader, Device, unsafe
from analyzer.catalog.schema import Agent, Example


@pytest.mark.parametrize(
    ("text", "device"),
    [
        ("Yealink SIP-T46G 28.83.0.130", Device("phone", "Yealink", "T46G", "28.83.0.130", None)),
        ("yealink SIP-T28P 2.70.0.140", Device("phone", "Yealink", "T28P", "2.70.0.140", None)),
        ("Yealink SIP-T38G  38.70.0.125", Device("phone", "Yealink", "T38G", "38.70.0.125", None)),
        ("Yealink W60B 77.83.0.85", Device("dect", "Yealink", "W60B", "77.83.0.85", None)),
        ("Yealink SIP-CP920 78.85.0.5", Device("conference", "Yealink", "CP920", "78.85.0.5", None)),
        (
            "Yealink SIP-T46S 66.86.0.15 80:5E:0C:11:22:33",
            Device("phone", "Yealink", "T46S", "66.86.0.15", "805e0c112233"),
        ),
        ("Fanvil X6U-V2 2.12.16.4", Device("phone", "Fanvil", "X6U-V2", "2.12.16.4", None)),
        ("Fanvil X6U Pro 0.0.10 0c383e2cd782", Device("phone", "Fanvil", "X6U-Pro", "0.0.10", "0c383e2cd782")),
        ("Fanvil i16SV 2.4.0", Device("door", "Fanvil", "i16SV", "2.4.0", None)),
        ("snom370/8.7.5.48", Device("phone", "Snom", "370", "8.7.5.48", None)),
        ("snom821/873_19_20130321", Device("phone", "Snom", "821", "873_19_20130321", None)),
        ("Cisco/SPA504G-7.6.2e", Device("phone", "Cisco", "SPA504G", "7.6.2e", None)),
        ("Cisco/SPA122-1.4.1", Device("ata", "Cisco", "SPA122", "1.4.1", None)),
        ("Grandstream HT802 1.0.3.2", Device("ata", "Grandstream", "HT802", "1.0.3.2", None)),
        ("PolycomVVX-VVX_501-UA/5.5.0.23866", Device("phone", "Polycom", "VVX501", "5.5.0.23866", None)),
        ("Zetavox ZX-900 3.1.4", Device("unknown", "Zetavox", "ZX-900", "3.1.4", None)),
        ("3CXPhoneSystem 20.0.9.995 (995)", Device("pbx", "3CX", None, "20.0.9.995", None)),
        ("3CXPhone 6.0.26523.0", Device("app", "3CX", None, "6.0.26523.0", None)),
        ("friendly-scanner", Device("scanner", None, None, None, None)),
        ("MicroSIP/3.20.7", Device("softphone", "MicroSIP", None, "3.20.7", None)),
        ("Cisco-SIPGateway/IOS-15.4", Device("gateway", "Cisco", "IOS gateway", "15.4", None)),
        ("Asterisk PBX 18.20.0", Device("server", "Asterisk", None, None, None)),
    ],
)
def test_what_a_user_agent_says(catalog: Catalog, text: str, device: Device) -> None:
    assert catalog.match_user_agent(text) == device


@pytest.mark.parametrize("text", [None, "", "   ", "?", "\x00\x01", "Yealink", "A" * 65536])
def test_texts_that_say_nothing(catalog: Catalog, text: str | None) -> None:
    assert catalog.match_user_agent(text) is None


def test_a_known_beginning_with_64_kib_behind_it_is_still_read(catalog: Catalog) -> None:
    device = catalog.match_user_agent("Yealink SIP-T46S 66.86.0.15 " + "0" * 65536)
    assert device == Device("phone", "Yealink", "T46S", "66.86.0.15", None)


@pytest.mark.parametrize(
    "text",
    [
        "Yealink " + "T" * 300,
        "Poly" + "a" * 300,
        "Mozilla/4.0 (compatible; snom" + "9" * 300,
        "3CX" + " a" * 200,
        "Bria" + "-" * 300,
        "X" * 24 + "-" * 100 + "9" * 100,
        "Grandstream HT-502" + "  V1" * 60,
    ],
)
def test_hostile_texts_end(catalog: Catalog, text: str) -> None:
    started = time.process_time()
    for end in range(40):
        catalog.match_user_agent(text[: LONGEST - end] + "!")
    assert time.process_time() - started < 5


def test_models_are_told_apart(catalog: Catalog) -> None:
    models = {catalog.match_user_agent(f"Yealink SIP-{model} 1.2.3.4") for model in ("T46G", "T46S", "T46U")}
    assert {device.model for device in models if device} == {"T46G", "T46S", "T46U"}


@pytest.mark.parametrize(
    "pattern", [r"(a+)+", r"(?:a|b)*", r"(a{1,3}){2,}", r"(a)\1", r"(?P<x>a)(?P=x)", r"(ab){1,999}"]
)
def test_patterns_that_may_run_away(pattern: str) -> None:
    assert unsafe(pattern) is not None


@pytest.mark.parametrize("pattern", [r"a+b*", r"(?:ab){1,8}", r"\(a\)*", r"(?:[:-]?[0-9A-F]{2}){5}", r"(a)?"])
def test_patterns_that_cannot(pattern: str) -> None:
    assert unsafe(pattern) is None


def test_a_form_with_starts_is_tried_only_there() -> None:
    row = Agent(
        kind="phone",
        vendor="V",
        pattern=r"\w+ (?P<model>\w+)",
        starts=["vee"],
        basis="seen",
        examples=[Example(text="x")],
    )
    reader = AgentReader([row], lambda _vendor, _model: None)
    assert reader.match("Vee M1") == Device("phone", "V", "M1", None, None)
    assert reader.match("Wee M1") is None
