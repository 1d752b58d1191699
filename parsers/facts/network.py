"""Traffic of the machine's interfaces."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from parsers.facts.base import Row


class NetworkMetric(Row, kw_only=True):
    """Mean traffic of one interface between a sample and the one before it (bundle time series), bits per second."""

    table: ClassVar[str] = "network_metric"

    interface: str
    time: datetime | None = None
    sent_bps: float | None = None
    received_bps: float | None = None
