"""Were the logs taken in verbose mode? No header says so: judged by what stands in them."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from parsers.facts import Facts, Source
from parsers.facts.log import LogCoverage
from parsers.facts.system import Setting

BELOW_INFO = frozenset({"trace", "debug"})

OF_THE_MACHINE = ("syslog", "journal", "systemd", "nginx", "postgres", "upgrade", "dpkg", "package", "firewall", "cdr")
"""Beginnings of kinds of logs that are there with or without logs of 3CX: they are no logs taken in any mode."""

NOT_THE_PBX = (*OF_THE_MACHINE, "sbc", "setup", "unknown")
"""Beginnings of kinds of logs that say nothing of the PBX's logging level."""

OTHER_LEVELS = ("server_status",)
"""Beginnings of kinds of logs whose levels are others than those of today's services."""


class Verbosity(Struct, frozen=True):
    """``answer``: yes, no, unknown; null where there is no log of the PBX's services. ``source.text`` holds the signs.

    ``has_logs``: there is a log of 3CX, be it of an SBC, a set-up, or in a form that is not known.
    """

    answer: str | None
    source: Source | None
    has_logs: bool


def judge(facts: Facts) -> Verbosity:
    """Signs of verbose: trace or debug records, SQL traces, a logging level that says so in words.

    What the numbers of ``LoggingLevel`` mean is not published: a number decides nothing. Logs with levels but none below
    Info are not verbose; logs without levels leave it open.
    """
    read = [log for log in facts.of(LogCoverage) if log.records and not log.kind.startswith(OF_THE_MACHINE)]
    logs = [log for log in read if not log.kind.startswith(NOT_THE_PBX)]
    level = next(
        (row for row in facts.of(Setting) if row.object == "LoggingSettings" and row.name == "LoggingLevel"), None
    )
    loud = [log for log in logs if log.has_sql_trace or any(_below(log).values())]
    if loud:
        best = max(loud, key=lambda log: (sum(_below(log).values()), log.has_sql_trace))
        return Verbosity("yes", _signs(best, level), has_logs=True)
    if level is not None and isinstance(level.value, str) and level.value.strip().casefold() == "verbose":
        return Verbosity("yes", level.source, has_logs=bool(logs))
    levelled = [log for log in logs if log.levels is not None and not log.kind.startswith(OTHER_LEVELS)]
    if levelled:
        largest = max(levelled, key=lambda log: log.records)
        records = sum(log.records for log in levelled)
        text = f"{records} records in {len(levelled)} logs, none below Info{_level_note(level)}"
        return Verbosity("no", replace(largest.source, text=text), has_logs=True)
    if logs:
        text = f"{len(logs)} logs, none with levels{_level_note(level)}"
        return Verbosity("unknown", replace(logs[0].source, text=text), has_logs=True)
    return Verbosity(None, None, has_logs=bool(read))


def _below(log: LogCoverage) -> dict[str, int]:
    return {word: count for word, count in (log.levels or {}).items() if word in BELOW_INFO}


def _signs(log: LogCoverage, level: Setting | None) -> Source:
    signs = [f"{count} {word} records" for word, count in sorted(_below(log).items()) if count]
    if log.has_sql_trace:
        signs.append("SQL traces")
    return replace(log.source, text=", ".join(signs) + _level_note(level))


def _level_note(level: Setting | None) -> str:
    return "" if level is None or level.value is None else f"; LoggingLevel {level.value}"
