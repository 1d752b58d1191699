"""Output of the firewall checker: one step a line, ``<verb> <subject>... done|failed``. Seen verbatim (V18).

A step "testing 3CX PhoneSystem 01 SIP Server..." is made of those that follow it, "testing ports [9000..9001]..." of the
ports in it. A parent that failed because of its children is no fault of its own (``fault`` is on the innermost step), and a
step without a result (partial copies) has not passed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import Final

from msgspec import Struct, field

from parsers import lazy
from parsers.api import Probe, Sink, Tally
from parsers.facts.base import Source
from parsers.facts.log import LogCoverage, LogRecord
from parsers.logs.family import log_family
from parsers.logs.firewall_html import SIZE_LIMIT as PAGE_LIMIT
from parsers.logs.firewall_html import is_html, lines_of_html
from parsers.tree.member import Member
from parsers.tree.text import head_text, strip_ansi, whole_text

KIND = "firewall_check"
SIZE_LIMIT = 1024 * 1024
STEP_LIMIT = 20_000

SAMPLE: Final = """\
resolving 'stun.example.com'... done
testing 3CX PhoneSystem 01 SIP Server... failed How to resolve?
stopping service... done
detecting SIP ALG... done
testing port 5060... full cone test failed How to resolve?
starting service... done
testing 3CX PhoneSystem Media Server...
testing ports [9000..9002]... failed
testing port 9000... full cone test failed
testing port 9001... done
testing port 9002...
"""

STEP: Final = lazy.pattern(
    r"""
    [ \t>*-]{0,40}
    (?P<step>(?P<verb>resolving|testing|stopping|detecting|starting|checking)\b[ ]   # testing
        (?P<subject>[^\n]{1,200}?))                                                # port 5060
    [ ]?(?:\.{3}|…)[ \t]*+                                                          # ...
    (?P<result>[^\n]{0,200}?)[ \t]{0,40}(?:\(?How[ ]to[ ]resolve\?[^\n]{0,40})?$         # full cone test failed How to resolve?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_TITLE: Final = lazy.pattern(r"(?i)<(title|h[1-4])\b[^<>]{0,200}>[^<>]{0,100}firewall check")
OLD: Final = lazy.pattern(r"[ \t]{0,40}Type [012]; error = \S")
"""``Type 1; error = STUN server resolution failed. …``: versions before 12, seen verbatim."""
_PORTS: Final = lazy.pattern(r"^ports?[ ]\[?(?P<first>\d{1,5})(?:[ ]?\.\.[ ]?(?P<last>\d{1,5})\]?)?", re.IGNORECASE)


class Step(Struct):
    """One step, and those it is made of."""

    line: int
    raw: str
    step: str
    subject: str
    result: str
    first: int | None
    last: int | None
    parent: Step | None = None
    children: list[Step] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether it says so itself."""
        return bool(re.search(r"\bfailed\b", self.result, re.IGNORECASE))

    @property
    def passed(self) -> bool | None:
        """True only when it and all that it is made of are done."""
        parts = [child.passed for child in self.children]
        if self.failed or False in parts:
            return False
        return True if self.result.lower() == "done" and None not in parts else None


def steps_of(lines: Iterable[tuple[int, str]]) -> list[Step]:
    """All steps of numbered lines, with their parents."""
    steps: list[Step] = []
    server: Step | None = None
    ports: Step | None = None
    for number, raw in islice(lines, STEP_LIMIT):
        match = STEP.match(raw)
        if match is None:
            continue
        span = _PORTS.match(match["subject"])
        step = Step(
            number, raw.strip(), match["step"], match["subject"], match["result"].strip(),
            int(span["first"]) if span else None, int(span["last"]) if span and span["last"] else None,
        )  # fmt: skip
        if match["verb"].lower() == "testing" and "3cx" in match["subject"].lower():
            server, ports = step, None
        elif step.last is not None:
            step.parent, ports = server, step
        elif ports and step.first is not None and (ports.first or 0) <= step.first <= (ports.last or 0):
            step.parent = ports
        elif match["verb"].lower() != "resolving":
            step.parent, ports = server, None
        if step.parent:
            step.parent.children.append(step)
        steps.append(step)
    return steps


def record(step: Step, source: Source) -> LogRecord:
    """A step as a row."""
    server = step
    while server.parent:
        server = server.parent
    return LogRecord(
        source=source,
        kind=KIND,
        text=step.raw,
        fields={
            "step": step.step,
            "result": step.result.lower() or "unfinished",
            "passed": step.passed,
            "fault": step.failed and not any(child.passed is False for child in step.children),
            "port": step.first,
            "last_port": step.last,
            "server": server.subject if server is not step or "3cx" in step.subject.lower() else None,
        },
    )


class FirewallCheck(Struct, frozen=True):
    """Each step becomes a row with ``step``, ``result``, ``passed``, ``fault``, ``port``, ``last_port`` and ``server``."""

    kind: str = KIND

    def claims(self, probe: Probe) -> int:
        """By content: half of the first lines are steps, or one is an error of the old checker. In a saved page two steps are
        enough; where they lie behind the page's programs, its title.
        """
        if is_html(probe.text):
            steps = sum(STEP.match(line) is not None for _, line in lines_of_html(probe.text))
            return 60 if steps >= 2 else 40 if _TITLE.search(probe.text) else 0
        lines = [line for line in probe.text[:8192].split("\n")[:60] if line.strip()]
        if any(OLD.match(line) for line in lines):
            return 60
        steps = sum(STEP.match(line.rstrip("\r")) is not None for line in lines)
        return 60 if steps >= 2 and 2 * steps >= len(lines) else 0

    def parse(self, member: Member, out: Sink) -> Tally:
        """Read all steps. Of a page only what belongs to the checker is counted."""
        text = strip_ansi(whole_text(member, PAGE_LIMIT if is_html(head_text(member.head)) else SIZE_LIMIT))
        page = is_html(text)
        lines = lines_of_html(text) if page else list(enumerate(text.split("\n"), 1))
        steps = steps_of(lines)
        for step in steps:
            out.add(record(step, Source(artifact=member.path, line=step.line, text=step.raw)))
        errors = [(number, line.strip()) for number, line in lines[:STEP_LIMIT] if OLD.match(line)]
        for number, line in errors:
            source = Source(artifact=member.path, line=number, text=line)
            out.add(LogRecord(source=source, kind=self.kind, text=line, fields={"error_type": int(line[5])}))
        if page and not steps and not errors:
            out.problem(f"{member.name}: a page of the firewall checker in which no step stands")
        unfinished = sum(not step.result for step in steps)
        if unfinished:
            out.problem(
                f"{member.name}: {unfinished} of {len(steps)} steps have no result: the copy is partial, they did not pass"
            )
        understood = len(steps) + len(errors)
        count = understood if page else sum(1 for _, line in lines if line.strip())
        out.add(
            LogCoverage(
                source=Source(artifact=member.path), kind=self.kind, records=count, family=log_family(member.path)
            )
        )
        return Tally(records=count, understood=understood, bytes=member.size)


PARSERS = (FirewallCheck(),)
