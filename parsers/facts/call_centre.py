"""Voicemail and queue calls, as the PBX's own database has them (tables of a backup or a bundle)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from parsers.facts.base import Row


class Voicemail(Row, kw_only=True):
    """One message of the table ``s_voicemail``. ``notify_failed``: the notice of it could not be sent; null where not said."""

    table: ClassVar[str] = "voicemail"

    time: datetime | None = None
    extension: str | None = None
    notify_failed: bool | None = None
    attempts: int | None = None
    last_error: str | None = None


class QueueCall(Row, kw_only=True):
    """One call in a queue, from the table ``callcent_queuecalls``: how often agents were called and how often they refused.

    ``rejected_pct`` is the share of the polls that were refused, null where there was none.
    """

    table: ClassVar[str] = "queue_call"

    time: datetime | None = None
    queue: str | None = None
    polls: int | None = None
    dialed: int | None = None
    rejected: int | None = None
    rejected_pct: float | None = None
