"""Whole SIP messages that stand in log records."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from parsers.facts.base import Source
from parsers.logs.block import Block

if TYPE_CHECKING:
    from parsers.logs.records import Records

MESSAGE_LIMIT = 64 * 1024

START = re.compile(
    rb"(?:[A-Z]{2,12} (?:sips?|tel):[^\s]{1,1000} SIP/2\.0|SIP/2\.0 [1-6][0-9][0-9] [^\r\n]{0,200})(?=\r?\n[A-Za-z-]{1,40} ?:)"
)
"""First line of a SIP message (RFC 3261 7.1, 7.2) with a header behind it."""


class Messages:
    """SIP messages of one file, at most ``left`` of them."""

    def __init__(self, records: Records, limit: int) -> None:
        self.records, self.limit, self.left = records, limit, limit
        self.cut = False

    def take(self, block: Block, offsets: list[int]) -> None:
        """Read the messages in the records in which the offsets lie."""
        if not offsets:
            return
        from parsers.capture.sip import parse_message

        indices, _ = self.records.split(block, np.array(offsets, dtype=np.int64))
        for index in indices.tolist():
            begin = int(block.starts[index])
            end = int(block.starts[index + 1]) if index + 1 < len(block.starts) else len(block.data)
            raw = bytes(block.data[begin : min(end, begin + min(MESSAGE_LIMIT, self.records.span))])
            stamp = self.records.stamp_at(block, index)
            starts = [match.start() for match in START.finditer(raw)]
            for start, stop in pairwise((*starts, len(raw))):
                if not self.left:
                    self.cut = True
                    return
                source = Source(
                    artifact=self.records.out.artifact, line=block.line_number(begin + start), time=stamp.text
                )
                message = parse_message(raw[start:stop], source=source, time=stamp.time, secret=self.records.out.secret)
                if message is not None:
                    self.left -= 1
                    self.records.out.add(message)

    def report(self, name: str) -> None:
        """Say that there were more."""
        if self.cut or not self.left:
            self.records.out.problem(f"{name}: only the first {self.limit} SIP messages in it were read")
