"""Patterns of log rules: what would make the line scanner slow or the rule blind."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer.pack import ir, tables
from analyzer.pack.errors import Problem
from analyzer.pack.lint.base import Subject, leaves
from analyzer.pack.necessary import patterns
from analyzer.pack.rule import Draft

LEAST_LITERAL = 4
"""Bytes of fixed text that a pattern needs for the scanner to be fast."""
EVERYWHERE = (
    "SIP/2.0", "Via:", "Max-Forwards", "Call-ID", "CSeq", "Contact:", "From:", "To:", "Content-Length", "Content-Type",
    "User-Agent", "branch=z9hG4bK", ";tag=", "INVITE", "REGISTER", "ACK sip", "Allow:", "Expires:", "Supported:", "a=rtpmap",
    "RTP/AVP", "application/sdp", "<sip:", "Extn:", "|Info|", "|Trac|",
)  # fmt: skip
"""Texts that stand in nearly every SIP message or record: a pattern that is only one of them finds everything."""

_OPEN_END = re.compile(r"(?<!\\)(?:\\\\)*(?:\.|\]|\\[dDwWsS])(?:\*|\+|\{\d*,\})\??\)*$")
_OPEN_START = re.compile(r"^\(*\.(?:\*|\{0,\})")
_LOOK_AROUND = re.compile(r"\(\?<?[=!]")


def _of_logs(subject: Subject) -> Iterator[tuple[Draft, ir.Expr]]:
    for draft in subject.drafts.values():
        if draft.rule.tables[:1] == (tables.LOG,) and draft.rule.condition is not None:
            yield draft, draft.rule.condition


class WeakLiteral:
    """A pattern whose fixed text is short or stands everywhere."""

    name = "weak-literal"

    def run(self, subject: Subject) -> Iterator[Problem]:
        """Log rules with a necessary pattern below `LEAST_LITERAL` bytes or out of `EVERYWHERE`."""
        common = [text.lower() for text in EVERYWHERE]
        for draft, condition in _of_logs(subject):
            for item in patterns(condition):
                if item.strength < LEAST_LITERAL:
                    text = (
                        f"a pattern has only {item.strength} bytes of fixed text in a row, {LEAST_LITERAL} are needed"
                    )
                    yield draft.document.problem(text, "detection")
                    continue
                if any(item.fixed in text for text in common):
                    yield draft.document.problem(
                        f"{item.fixed!r} stands in nearly every SIP message or record", "detection"
                    )


class OpenRepeat:
    """A regex that begins or ends with an open repeat: it says nothing more and costs an event a byte."""

    name = "open-repeat"

    def run(self, subject: Subject) -> Iterator[Problem]:
        """Regexes such as ``failed.*`` or ``.*failed``."""
        for draft in subject.drafts.values():
            for leaf, _ in leaves(draft.rule.condition) if draft.rule.condition else ():
                if not isinstance(leaf, ir.Regex) or leaf.glob:
                    continue
                if _OPEN_END.search(leaf.pattern):
                    yield draft.document.problem(
                        f"/{leaf.pattern}/ ends with an open repeat: leave it out", "detection"
                    )
                if _OPEN_START.search(leaf.pattern):
                    yield draft.document.problem(
                        f"/{leaf.pattern}/ begins with an open repeat: leave it out", "detection"
                    )
                if _LOOK_AROUND.search(leaf.pattern):
                    yield draft.document.problem(f"/{leaf.pattern}/ looks around: write two selections", "detection")
