"""PostgreSQL log with Debian's prefix (``%m [%p] %q%u@%d``). Texts are those of PostgreSQL itself."""

from __future__ import annotations

from parsers.logs.format import Fact, LogFormat, Sample
from parsers.logs.parser import LogParser


def trouble(word: str, *find: str) -> Fact:
    """A text that always means the same trouble."""
    return Fact(find=find, fields={"database_problem": word})


FORMAT = LogFormat(
    kind="postgresql_log",
    names=("postgresql*.log*",),
    starts=("9999-99-99 99:99:99.999 ", "9999-99-99 99:99:99 "),
    prefix=r"""
        (?P<date>\d{4}-\d{2}-\d{2})[ ](?P<time>\d{2}:\d{2}:\d{2}(?:\.\d{3})?)[ ]    # 2026-11-13 10:00:00.123
        (?P<zone>[A-Z]{1,6}|[+-]\d{2}(?::?\d{2})?)[ ]                               # UTC   CET   +01
        \[(?P<pid>\d{1,10})(?:-\d{1,10})?\][ ]                                      # [812]
        (?:(?P<thread>[\w.\[\]-]{1,63}@[\w.\[\]-]{1,63})[ ])?                       # phonesystem@database_single
        (?P<level>[A-Z]{3,9}\d?):[ ]{1,2}                                           # FATAL:
    """,
    levels={
        "FATAL": "error", "PANIC": "critical", "DEBUG1": "debug", "DETAIL": None, "HINT": None, "STATEMENT": None, "CONTEXT": None,
    },
    facts=(
        trouble("no_connection_slots", "remaining connection slots are reserved", "sorry, too many clients already"),
        trouble("disk_full", "could not extend file", "No space left on device"),
        trouble("corruption", "invalid page in block", "could not read block", "invalid checkpoint record"),
        trouble("login_refused", "password authentication failed for user", "no pg_hba.conf entry for"),
        trouble("unclean_stop", "database system was not properly shut down", "database system was interrupted"),
        trouble("panic", "PANIC: "),
    ),
    samples=(
        Sample(
            own=2,
            lines=(
                ("2026-11-13 10:00:00.123 UTC [812] phonesystem@database_single FATAL:  remaining connection slots are reserved for"
                " non-replication superuser connections"),
                "2026-11-13 10:00:01.000 UTC [812] LOG:  checkpoint starting: time",
                '2026-11-13 11:00:02.000 CET [813] phonesystem@database_single ERROR:  could not extend file "base/1/2": No space left on device',
                "2026-11-13 11:00:02.000 CET [813] phonesystem@database_single STATEMENT:  INSERT INTO x",
                "\tVALUES (1)",
            ),
            rows=(
                {
                    "time": "2026-11-13T10:00:00.123000", "local": False, "level": "error", "raw_level": "FATAL",
                    "thread": "phonesystem@database_single", "fields": {"database_problem": "no_connection_slots"},
                },
                {"level": "info", "text": "checkpoint starting: time"},
                {"time": "2026-11-13T11:00:02", "local": True, "fields": {"database_problem": "disk_full"}},
                {"level": None, "raw_level": "STATEMENT", "text": "INSERT INTO x\n\tVALUES (1)", "fields": {}},
            ),
        ),
    ),
)  # fmt: skip

PARSERS = (LogParser(FORMAT),)
