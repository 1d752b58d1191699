"""nginx access log: the stock "combined" format. Its times carry their zone."""

from __future__ import annotations

from parsers.logs.format import Fact, LogFormat, Sample, number, some
from parsers.logs.parser import LogParser

AGENT = r'(?:[ ]\S{1,20}[ ]"[^"\n]{0,1000}"[ ]"(?P<user_agent>[^"\n]{0,300})")?'

FORMAT = LogFormat(
    kind="nginx_access_log",
    names=("nginx*access*.log*",),
    hints=('] "',),
    date_order="mon",
    prefix=r"""
        (?P<ip>[0-9A-Fa-f.:]{3,45})[ ]-[ ][^\s\[]{1,100}[ ]                    # 192.0.2.5 - -
        \[(?P<date>\d{2}/[A-Z][a-z]{2}/\d{4}):(?P<time>\d{2}:\d{2}:\d{2})[ ]   # [13/Nov/2026:10:00:00
        (?P<zone>[+-]\d{4})\][ ](?=")                                          # +0100]
    """,
    facts=(
        Fact(
            find=('" 500 ', '" 502 ', '" 503 ', '" 504 '),
            pattern=r'^"(?P<method>[A-Z]{1,12})[ ][^"\n]{0,2000}"[ ](?P<status>5\d\d)[ ]',
            types={"status": number},
        ),
        # A phone that does not get its file; phones try several names, of which some are never there.
        Fact(
            find=("/provisioning/",),
            pattern=r'^"(?P<method>[A-Z]{1,12})[ ]/provisioning/[^"\n]{0,500}?(?P<file>[\w.-]{1,80})[ ]HTTP/[\d.]{1,3}"[ ](?P<status>4\d\d)' + AGENT,
            types={"status": number, "user_agent": some},
            fields={"provisioning": True},
        ),
    ),
    samples=(
        Sample(
            own=2,
            lines=(
                '192.0.2.5 - - [13/Nov/2026:10:00:00 +0100] "GET /api/x HTTP/2.0" 502 157 "-" "Mozilla/5.0"',
                '192.0.2.6 - - [13/Nov/2026:10:00:01 +0100] "GET /provisioning/abcdefgh/805e0c112233.cfg HTTP/1.1" 404 157 "-" "Yealink SIP-T53W"',
                '192.0.2.6 - - [13/Nov/2026:10:00:02 +0100] "GET / HTTP/1.1" 200 612 "-" "-"',
            ),
            rows=(
                {
                    "time": "2026-11-13T09:00:00", "local": False, "text": '"GET /api/x HTTP/2.0" 502 157 "-" "Mozilla/5.0"',
                    "fields": {"ip": "192.0.2.5", "method": "GET", "status": 502},
                },
                {
                    "text": '"GET /provisioning/***/805e0c112233.cfg HTTP/1.1" 404 157 "-" "Yealink SIP-T53W"',
                    "fields": {
                        "ip": "192.0.2.6", "method": "GET", "file": "805e0c112233.cfg", "status": 404, "user_agent": "Yealink SIP-T53W",
                        "provisioning": True,
                    },
                },
                {"fields": {"ip": "192.0.2.6"}},
            ),
        ),
    ),
)  # fmt: skip

PARSERS = (LogParser(FORMAT),)
