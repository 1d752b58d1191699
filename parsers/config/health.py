"""Health checks of a support bundle: ``ExtraLogging/Health_*.txt``.

    Firewall check: OK
    SIP trunks: FAILED

Which checks and words 3CX writes is not settled: only a clear word counts as passed or failed, any other is only quoted.
"""

from __future__ import annotations

import re

from parsers.api import Probe, Sink, Tally
from parsers.facts.base import QUOTE_LIMIT, Source
from parsers.facts.system import Health
from parsers.tree.member import Member
from parsers.tree.text import lines

RECORD_LIMIT = 1000
_CHECK = re.compile(r"^(?P<name>[^:\r\n]{1,120}):[ \t]{0,20}(?P<verdict>\S.{0,500}?)\s*$")
_PASSED = frozenset({"ok", "passed", "pass", "success", "succeeded"})
_FAILED = frozenset({"failed", "fail", "failure"})


class HealthParser:
    """Health_*.txt."""

    kind = "health"

    def claims(self, probe: Probe) -> int:
        """By name; more when each line is a check and one of them has a known word."""
        if not re.match(r"health(?![a-z])", probe.name.lower()):
            return 0
        checks = [_CHECK.match(line) for line in probe.text.splitlines()[:200] if line.strip()]
        clear = any(check and check["verdict"].lower() in _PASSED | _FAILED for check in checks)
        return 60 if clear and all(checks) else 30

    def parse(self, member: Member, out: Sink) -> Tally:
        """A `Health` row for each check."""
        tally = Tally()
        for number, line in lines(member):
            if not line.strip():
                continue
            tally.records += 1
            if tally.records > RECORD_LIMIT:
                out.problem(f"more than {RECORD_LIMIT} checks: the others are not read")
                break
            found = _CHECK.match(line)
            if found is None:
                continue
            tally.understood += 1
            word = found["verdict"].lower().rstrip(".!")
            out.add(
                Health(
                    source=Source(artifact=out.artifact, line=number, text=line[:QUOTE_LIMIT]),
                    name=found["name"].strip(),
                    verdict=found["verdict"],
                    passed=True if word in _PASSED else False if word in _FAILED else None,
                )
            )
        return tally


PARSERS = (HealthParser(),)
