"""nginx error log: the stock format (``2026/11/13 10:00:00 [error] 123#123: *1 text``)."""

from __future__ import annotations

from parsers.logs.format import Fact, LogFormat, Sample
from parsers.logs.parser import LogParser

FORMAT = LogFormat(
    kind="nginx_error_log",
    names=("nginx*error*.log*",),
    starts=("9999/99/99 99:99:99 [",),
    prefix=r"""
        (?P<date>\d{4}/\d{2}/\d{2})[ ](?P<time>\d{2}:\d{2}:\d{2})[ ]    # 2026/11/13 10:00:00
        \[(?P<level>[a-z]{4,6})\][ ]                                    # [error]
        (?P<pid>\d{1,10})\#(?P<thread>\d{1,10}):[ ](?:\*\d{1,12}[ ])?   # 123#123: *1
    """,
    facts=(
        # A service behind nginx does not answer: connect() failed (111: Connection refused) while connecting to upstream
        Fact(
            find=("while connecting to upstream", "upstream timed out", "upstream prematurely closed"),
            pattern=r"(?P<upstream_error>connect\(\)[ ]failed[ ]\([^)\n]{1,80}\)|upstream[ ](?:timed[ ]out|prematurely[ ]closed[ ]connection))",
            fields={"upstream_failed": True},
        ),
        Fact(find=(' upstream: "',), pattern=r'\bupstream:[ ]"\w{1,10}://(?P<upstream>[^/"\s]{1,100})'),
    ),
    samples=(
        Sample(
            own=1,
            lines=(
                ("2026/11/13 10:00:00 [error] 123#124: *7 connect() failed (111: Connection refused) while connecting to upstream,"
                ' client: 192.0.2.5, server: pbx.example.com, request: "GET /x HTTP/2.0", upstream: "http://127.0.0.1:5004/x"'),
                "2026/11/13 10:00:01 [notice] 123#123: signal process started",
            ),
            rows=(
                {
                    "time": "2026-11-13T10:00:00", "local": True, "level": "error", "thread": "124",
                    "fields": {
                        "upstream_failed": True, "upstream_error": "connect() failed (111: Connection refused)",
                        "upstream": "127.0.0.1:5004",
                    },
                },
                {"level": "info", "raw_level": "notice", "text": "signal process started"},
            ),
        ),
    ),
)  # fmt: skip

PARSERS = (LogParser(FORMAT),)
