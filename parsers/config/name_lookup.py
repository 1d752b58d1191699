"""What nslookup says of the PBX's own name: ``ExtraLogging/tcxNslookup*`` of a support bundle.

Server:         10.44.8.1                     Server:  dns.example.com
Address:        10.44.8.1#53                  Address:  10.0.0.1

Non-authoritative answer:                     Non-authoritative answer:
Name:   pbx.example.com                       Name:    pbx.example.com
Address: 203.0.113.77                         Addresses:  2001:db8::77
                                                        203.0.113.77
"""

from __future__ import annotations

import re

from parsers import lazy
from parsers.api import Probe, Sink, Tally
from parsers.config import values
from parsers.facts.base import QUOTE_LIMIT, Source
from parsers.facts.system import Setting, SystemSeen
from parsers.tree.member import Member
from parsers.tree.text import lines

RANK = 80
OBJECT = "Nslookup"
LINE_LIMIT = 5000
_NAME = lazy.pattern(r"^Name:[ \t]{0,40}(?P<name>[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}?)\.?\s*$")
_SERVER = lazy.pattern(r"^Server:[ \t]{0,40}(?P<server>\S{1,253})\s*$")
_ADDRESS = lazy.pattern(r"^(?:Address(?:es)?:)?[ \t]{0,40}(?P<address>[0-9A-Fa-f:.]{2,45})(?:#\d{1,5})?\s*$")
# ** server can't find pbx.example.com: NXDOMAIN     *** dns.example.com can't find pbx.example.com: Non-existent domain
_FAILED = lazy.pattern(r"can't find (?P<name>\S{1,253}): (?P<why>[^\r\n]{1,100}?)\s*$")
_TIMED_OUT = lazy.pattern(r"(?P<why>connection timed out; no servers could be reached|DNS request timed out)")


class NslookupParser:
    """tcxNslookup."""

    kind = "nslookup"

    def claims(self, probe: Probe) -> int:
        """By its first lines, or its name."""
        named = "nslookup" in probe.name.lower()
        start = probe.text[:4096]
        if re.search(r"(?m)^Server:[ \t]", start) and re.search(r"(?m)^Address(?:es)?:[ \t]", start):
            return 60
        return 30 if named else 0

    def parse(self, member: Member, out: Sink) -> Tally:
        """Each name that was looked up is a record; the first one that has an address is the PBX's FQDN."""
        tally = Tally()
        names: set[str] = set()
        server_part = True
        for number, line in lines(member):
            if number > LINE_LIMIT:
                out.problem(f"more than {LINE_LIMIT} lines: the others are not read")
                break
            source = Source(artifact=out.artifact, line=number, text=line[:QUOTE_LIMIT])
            name, server = _NAME.match(line), _SERVER.match(line)
            failed = _FAILED.search(line) or _TIMED_OUT.search(line)
            if name:
                server_part = False
                if name["name"].lower() not in names:
                    _named(name["name"], source, tally, out, first=not names)
                    names.add(name["name"].lower())
            elif server:
                server_part = True
                out.add(Setting(source=source, object=OBJECT, name="Server", value=server["server"]))
            elif failed:
                tally.records += 1
                tally.understood += 1
                out.add(Setting(source=source, object=OBJECT, name="Error", value=failed[0].strip()[:200]))
            elif not server_part and (found := _ADDRESS.match(line)) and (address := values.address(found["address"])):
                out.add(Setting(source=source, object=OBJECT, name="Address", value=address))
        return tally


def _named(name: str, source: Source, tally: Tally, out: Sink, *, first: bool) -> None:
    tally.records += 1
    if values.masked(name):
        return
    tally.understood += 1
    out.add(Setting(source=source, object=OBJECT, name="Name", value=name))
    if first and "." in name:
        out.add(SystemSeen(source=source, key="fqdn", value=name, rank=RANK))


PARSERS = (NslookupParser(),)
