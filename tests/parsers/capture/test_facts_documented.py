from __future__ import annotations

import re
import struct

from parsers.capture.stun import COOKIE
from tests.conftest import ROOT
from tests.parsers.capture.scenario import PHONE, Read, Scenario
from tests.parsers.capture.test_dns import answer, question
from tests.parsers.capture.test_stun import SERVER, request


def documented() -> dict[str, set[str]]:
    tables: dict[str, set[str]] = {}
    current = ""
    for line in (ROOT / "docs" / "facts.md").read_text("utf-8").splitlines():
        if heading := re.match(r"## `(\w+)`", line):
            current = heading[1]
        elif current and line.startswith("| `"):
            tables.setdefault(current, set()).update(re.findall(r"`(\w+)`", line.split("|")[1]))
    return tables


def everything() -> Read:
    s = Scenario()
    s.answered()
    s.rtp(2.1, "192.0.2.21:4000", "192.0.2.1:10000", 12)
    s.request(20, "REGISTER", 5)
    s.request(21, "OPTIONS", 6)
    s.send(22, PHONE, SERVER, request(1, cookie=COOKIE))
    s.send(23, "192.0.2.21:4444", "192.0.2.53:53", question("a.example.com"))
    s.send(23.1, "192.0.2.53:53", "192.0.2.21:4444", answer("a.example.com", (1, struct.pack(">I", 0x0A000001))))
    return s.read()


def test_every_derived_fact_is_documented_and_the_other_way_round() -> None:
    text = documented()
    optional = {"sip_message": text["sip_message"], "tls_session": text["tls_session"]}
    optional["capture"] = {"continues"}
    for table, rows in everything().facts.tables().items():
        found = {name for row in rows for name in getattr(row, "derived", {})}
        assert found | optional.get(table, set()) == text.get(table, set()), table
