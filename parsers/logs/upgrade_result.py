"""Result of 3CX's Debian upgrade script (/var/lib/3cxpbx/OS_UPGRADE_RESULT): one JSON object. From the script's own text."""

from __future__ import annotations

import json
from typing import Final

from msgspec import Struct

from parsers.api import Probe, Sink, Tally
from parsers.facts.base import QUOTE_LIMIT, Source
from parsers.facts.log import LogCoverage, LogRecord
from parsers.logs.dates import day_of, moment
from parsers.logs.family import log_family
from parsers.logs.format import FieldValue
from parsers.logs.secrets import scrub
from parsers.tree.member import Member
from parsers.tree.text import whole_text

SAMPLE: Final = '{"result": "aborted", "time": "13-11-2026 10:11:12", "title": "Insufficient memory", "message": "Less than 2 GB"}\n'
SIZE_LIMIT = 64 * 1024
KEYS: Final = ("result", "time", "title", "message")


class UpgradeResult(Struct, frozen=True):
    """One row with ``result`` (``success``, ``aborted`` …), ``title`` and ``message``."""

    kind: str = "upgrade_result"

    def claims(self, probe: Probe) -> int:
        """By its keys, else by name."""
        if (
            probe.text.lstrip().startswith("{")
            and len(probe.text) < SIZE_LIMIT
            and all(f'"{key}"' in probe.text for key in KEYS)
        ):
            return 60
        return 30 if "os_upgrade_result" in probe.name.lower() else 0

    def parse(self, member: Member, out: Sink) -> Tally:
        """Read the object."""
        text = whole_text(member, SIZE_LIMIT)
        tally = Tally(records=1 if text.strip() else 0, bytes=member.size)
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            out.problem(f"{member.name}: not a JSON object: {error}")
            return tally
        if not isinstance(found, dict) or not isinstance(found.get("result"), str):
            out.problem(f"{member.name}: a JSON object without result")
            return tally
        fields: dict[str, FieldValue] = {}
        for key in KEYS:
            value = found.get(key)
            fields[key], secrets = scrub(value[:QUOTE_LIMIT]) if isinstance(value, str) else (None, set())
            out.secret(secrets)
        written = str(fields.pop("time") or "")
        day, _, tod = written.partition(" ")
        time, local = moment(day_of(day, "dmy"), tod)
        text, secrets = scrub(text.strip()[:QUOTE_LIMIT])
        out.secret(secrets)
        out.add(
            LogRecord(
                source=Source(artifact=member.path, line=1, time=written or None, text=text), kind=self.kind, time=time, local=local,
                text=text, fields=fields,
            )
        )  # fmt: skip
        out.add(
            LogCoverage(
                source=Source(artifact=member.path), kind=self.kind, records=1, first=time, last=time, local=local,
                family=log_family(member.path),
            )
        )  # fmt: skip
        tally.understood = 1
        return tally


PARSERS = (UpgradeResult(),)
