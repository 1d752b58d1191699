"""Output of the firewall checker: one step a line, ``<verb> <subject>... done|failed``. Seen verbatim (V18).

A step "testing 3CX PhoneSystem 01 SIP Server..." is made of those that follow it, "testing ports [9000..9001]..." of the
ports in it. A parent that failed because of its children is no fault of its own (``fault`` is on the innermost step), and a
step without a result (partial copies) has not passed.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct, field

from parsers import lazy
from parsers.api import Probe, Sink, Tally
from parsers.facts.base import Source
from parsers.facts.log import LogCoverage, LogRecord
from parsers.logs.family import log_family
from parsers.tree.member import Member
from parsers.tree.text import strip_ansi, whole_text

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
_TAG: Final = lazy.pattern(r"<!?/?([A-Za-z]{0,20})[^<>]{0,500}>")
_BLOCKS: Final = frozenset({"br", "p", "div", "li", "ul", "ol", "tr", "td", "table", "pre", "h1", "h2", "h3", "h4"})
_BEGIN: Final = lazy.pattern(
    r"(?<=[\w?)])[ \t\xa0]+(?=(?:resolving|testing|stopping|detecting|starting)[ ])", re.IGNORECASE
)
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


def steps_of(text: str) -> list[Step]:
    """All steps with their parents."""
    steps: list[Step] = []
    server: Step | None = None
    ports: Step | None = None
    for number, raw in enumerate(text.split("\n")[:STEP_LIMIT], 1):
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


def lines_of_html(html: str) -> str:
    """The text of the checker's result as the live export has it, a step a line. Its markup was not seen: block elements end a
    line, and a step begins one.
    """
    from html import unescape  # brings a table of all characters with a name

    text = _TAG.sub(lambda tag: "\n" if tag[1].lower() in _BLOCKS else " ", html[:SIZE_LIMIT])
    lines = (" ".join(line.split()) for line in _BEGIN.sub("\n", unescape(text)).split("\n"))
    return "\n".join(line.replace("( ", "(").replace(" )", ")") for line in lines)


class FirewallCheck(Struct, frozen=True):
    """Each step becomes a row with ``step``, ``result``, ``passed``, ``fault``, ``port``, ``last_port`` and ``server``."""

    kind: str = KIND

    def claims(self, probe: Probe) -> int:
        """By content: half of the first lines are steps, or one is an error of the old checker."""
        lines = [line for line in probe.text[:8192].split("\n")[:60] if line.strip()]
        if any(OLD.match(line) for line in lines):
            return 60
        steps = [line for line in lines if STEP.match(line.rstrip("\r"))]
        return 60 if len(steps) >= 2 and 2 * len(steps) >= len(lines) else 0

    def parse(self, member: Member, out: Sink) -> Tally:
        """Read all steps."""
        text = strip_ansi(whole_text(member, SIZE_LIMIT))
        steps = steps_of(text)
        for step in steps:
            out.add(record(step, Source(artifact=member.path, line=step.line, text=step.raw)))
        errors = [
            (number, line.strip()) for number, line in enumerate(text.split("\n")[:STEP_LIMIT], 1) if OLD.match(line)
        ]
        for number, line in errors:
            source = Source(artifact=member.path, line=number, text=line)
            out.add(LogRecord(source=source, kind=self.kind, text=line, fields={"error_type": int(line[5])}))
        unfinished = sum(not step.result for step in steps)
        if unfinished:
            out.problem(
                f"{member.name}: {unfinished} of {len(steps)} steps have no result: the copy is partial, they did not pass"
            )
        lines = sum(1 for line in text.split("\n") if line.strip())
        out.add(
            LogCoverage(
                source=Source(artifact=member.path), kind=self.kind, records=lines, family=log_family(member.path)
            )
        )
        return Tally(records=lines, understood=len(steps) + len(errors), bytes=member.size)


PARSERS = (FirewallCheck(),)
