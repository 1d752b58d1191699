"""Log of 3CX's Debian upgrade script (/tmp/UPDATE.log, UPDATE_SUCCESSFULL, UPDATE_FAILED).

From the script's own text: ``====== [HH:MM:SS] <topic>: <text>`` in yellow, ``[HH:MM] <status>: <title> - <rc>`` in red,
markers ``::SUCCESS::`` and ``::FAIL::``. The colour codes are gone by the time a record is read. There is no date.
"""

from __future__ import annotations

from parsers.logs.format import Fact, LogFormat, Sample, number
from parsers.logs.parser import LogParser

FORMAT = LogFormat(
    kind="upgrade_log",
    names=("update.log*", "update_failed*", "update_successfull*"),
    starts=("====== [99:99:99]", "[99:99] "),
    date_order="none",
    prefix=r"""
        (?:={6}[ ])?\[(?P<time>\d{2}:\d{2}(?::\d{2})?)\][ ]     # ====== [10:11:12]   or   [10:11]
        (?=(?P<logger>[^:\n]{1,80}):[ ])                        # Repositories:
    """,
    facts=(
        Fact(
            find=("bort", "BORT", "fail", "Fail", "FAIL", "rror", "RROR"),
            pattern=r"^(?P<result>\w{1,30})[ ]?:[ ](?P<title>[^\n]{1,120}?)[ ]-[ ](?P<exit_code>-?\d{1,5})$",
            types={"exit_code": number},
        ),
        Fact(find=("::SUCCESS::",), fields={"result": "success"}, line=True),
        Fact(find=("::FAIL::",), fields={"result": "failed"}, line=True),
    ),
    samples=(
        Sample(
            name="UPDATE.log",
            own=2,
            lines=(
                "\x1b[33m====== [10:11:12] Checks: free memory\x1b[39m",
                "Reading package lists...",
                "\x1b[31m[10:11] aborted: Insufficient memory - 4\x1b[39m",
                "::FAIL::",
            ),
            rows=(
                {
                    "time": None, "logger": "Checks", "text": "Checks: free memory\nReading package lists...", "fields": {},
                },
                {"text": "aborted: Insufficient memory - 4\n::FAIL::", "fields": {"result": "aborted", "title": "Insufficient memory", "exit_code": 4}},
                {"text": "::FAIL::", "fields": {"result": "failed"}},
            ),
        ),
    ),
)  # fmt: skip

PARSERS = (LogParser(FORMAT),)
