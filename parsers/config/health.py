"""Health checks of a support bundle: ``ExtraLogging/Health_*.txt``.

    Firewall check: OK
    SIP trunks: FAILED

Which checks and words 3CX writes is not settled: only a clear word counts as passed or failed, any other is only quoted.
"""

from __future__ import annotations

import re

from parsers import lazy
from parsers.api import Probe, Sink, Tally
from parsers.facts.base import QUOTE_LIMIT, Source
from parsers.facts.system import Health
from parsers.tree.member import Member
from parsers.tree.text import lines

RECORD_LIMIT = 1000
_CHECK = lazy.pattern(r"^(?P<name>[^:\r\n]{1,120}):[ \t]{0,20}(?P<verdict>\S.{0,500})$")
_WORD = lazy.pattern(r"[a-z]{2,20}(?![a-z])")
_PASSED = frozenset({"ok", "passed", "pass", "success", "succeeded"})
_FAILED = frozenset({"failed", "fail", "failure"})
_FAILS = lazy.pattern(r"(?:failed|fail|failure)(?:$|\s*[(:;,.-])")
"""``FAILED (2 of 3)`` fails too; ``failed logins 0`` is left open."""


class HealthParser:
    """Health_*.txt."""

    kind = "health"

    def claims(self, probe: Probe) -> int:
        """By content where each of several lines is a check with a known word; by name; most by both."""
        named = re.match(r"health(?![a-z])", probe.name.lower()) is not None
        checks = [_CHECK.match(line.rstrip()) for line in probe.text.splitlines()[:200] if line.strip()]
        words = [_WORD.match(check["verdict"].lower()) for check in checks if check]
        clear = [word for word in words if word and word[0] in _PASSED | _FAILED]
        if named:
            return 60 if clear and all(checks) else 30
        return 50 if len(clear) == len(checks) >= 2 else 0

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
            found = _CHECK.match(line.rstrip())
            if found is None:
                continue
            tally.understood += 1
            word = found["verdict"].lower().rstrip(".!")
            out.add(
                Health(
                    source=Source(artifact=out.artifact, line=number, text=line[:QUOTE_LIMIT]),
                    name=found["name"].strip(),
                    verdict=found["verdict"],
                    passed=True if word in _PASSED else False if _FAILS.match(word) else None,
                )
            )
        return tally


PARSERS = (HealthParser(),)
