"""The parser of captures as recognition sees it. What reads them is imported when the first capture is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from parsers.api import Done, Probe, Sink, Tally
from parsers.capture.magic import is_capture
from parsers.tree.member import Member


class CaptureParser:
    """pcap and pcapng."""

    kind = "capture"

    def claims(self, probe: Probe) -> int:
        """Sure by the magic number at the start."""
        return 90 if is_capture(probe.head) else 0

    def parse(self, member: Member, out: Sink) -> Tally:
        """Read the packets into rows; see `parsers.capture.parser`."""
        from parsers.capture.parser import read_capture

        return read_capture(member, out)

    def parse_all(self, members: Sequence[Member], outs: Sequence[Sink]) -> Iterator[Done]:
        """Read all captures of a case, see `parsers.capture.series`."""
        from parsers.capture.series import read_captures

        return read_captures(members, outs)


PARSERS = (CaptureParser(),)
