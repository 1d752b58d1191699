"""How far the server's wall clock is ahead of UTC, where records carry a UTC time of their own.

``2024/05/02 09:10:11.205|…|CHR: … EndTime={2024-05-02 07:10:11.180000};`` the prefix is local time, the payload UTC (inferred
from one public report, strong: two hours apart on a Swedish system in summer).
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

ENOUGH = 500
"""Records compared in a file."""

_PREFIX = re.compile(rb"(\d{4})/(\d\d)/(\d\d) (\d\d:\d\d:\d\d)[.,](\d{3})\|")
_PAYLOAD = re.compile(rb"\s{0,20}(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d{1,6})?\s{0,20}\}")


class UtcInside:
    """Counts, for one file, by how many whole seconds prefixes are ahead of the UTC times behind them."""

    def __init__(self) -> None:
        self.seen = 0
        self.ahead: Counter[int] = Counter()

    @property
    def wanted(self) -> bool:
        """Whether more records are worth comparing."""
        return self.seen < ENOUGH

    def take(self, data: memoryview, starts: npt.NDArray[np.int64], hits: list[int]) -> None:
        """Compare the records of a block that hold the literal; ``hits`` are offsets of its last byte."""
        for hit in hits:
            if not self.wanted:
                return
            place = int(np.searchsorted(starts, hit, side="right")) - 1
            if place < 0:
                continue
            begin = int(starts[place])
            prefix = _PREFIX.match(bytes(data[begin : begin + 40]))
            payload = _PAYLOAD.match(bytes(data[hit + 1 : hit + 80]))
            if prefix is None or payload is None:
                continue
            year, month, day, clock, _ = (part.decode() for part in prefix.groups())
            local, utc = _moment(f"{year}-{month}-{day} {clock}"), _moment(payload[1].decode())
            if local is not None and utc is not None:
                self.seen += 1
                self.ahead[round((local - utc).total_seconds())] += 1


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None
