"""Logs of the 3CX SBC (3cxsbc.log) and of its supervisor (3cxsbc.log.mon).

Columns and phrases from code that was tuned on a real Windows SmartSBC 20.0.100; the column order is that of the reSIProcate
library. ``CRIT`` is no severity: normal start and stop lines have it, only ``ERR`` is an error. By default only errors are
logged, so that silence proves nothing. ``inactivity`` never coincided with an outage of the tunnel; the PBX's own event
4102 is the authority on that.
"""

from __future__ import annotations

from parsers.logs.format import Fact, LogFormat, Sample
from parsers.logs.parser import LogParser

FORMAT = LogFormat(
    kind="sbc_log",
    names=("3cxsbc*.log*",),
    starts=tuple(f"{'A' * letters}{' ' * blanks}| 99999999-999999.999" for letters in range(3, 8) for blanks in (1, 2, 3, 4, 5)),
    prefix=r"""
        (?P<level>[A-Z]{3,7})[ ]{1,5}\|[ ]                      # CRIT |
        (?P<date>\d{8})-(?P<time>\d{6}\.\d{3})[ ]{1,4}\|[ ]     # 20260304-073601.118 |
        [^|\n]{1,40}\|[^|\n]{1,40}\|[ ]                         # 3CX | SBC |
        (?P<thread>0x[0-9A-Fa-f]{1,16})[ ]{1,4}\|[ ]            # 0x1a2c |
        (?P<logger>[^|\n:]{1,120}):\d{1,7}[ ]{1,4}\|[ ]?        # main.cpp:120 |
    """,
    levels={"CRIT": None, "STACK": "trace"},
    facts=(
        Fact(
            find=("SmartSBC ",),
            pattern=r"\bSmartSBC[ ](?P<sbc_version>\d{1,4}(?:\.\d{1,6}){1,3})[ ]@[ ](?P<sbc_host>\S{1,100})",
            fields={"phrase": "start"},
        ),
        Fact(find=("Stopping: ",), pattern=r"\bStopping:[ ](?P<reason>[^\n]{1,200})", fields={"phrase": "stop"}),
        Fact(find=("exit event has been fired",), fields={"phrase": "stop"}),
        # In the supervisor's log: both within three seconds are a shutdown of Windows, the second alone a stopped service.
        Fact(find=("console control handler",), fields={"phrase": "stop", "stopped_by": "console"}),
        Fact(find=("service manager request",), fields={"phrase": "stop", "stopped_by": "service_manager"}),
        Fact(
            find=("getaddrinfo error", "DNS SRV", "SRV resolution failed", "while contacting DNS servers"),
            fields={"phrase": "dns_failure"},
        ),
        Fact(
            find=("Failed to connect to ",), pattern=r"\bFailed[ ]to[ ]connect[ ]to[ ]\S{1,64}:53\b", fields={"phrase": "dns_failure"}
        ),
        # Logged when the name of the PBX cannot be resolved at start; the configuration itself need not be bad.
        Fact(find=("Invalid bridge's configuration",), fields={"phrase": "bad_bridge"}),
        Fact(find=("actively refused",), fields={"phrase": "refused"}),
        Fact(find=("connection timeout",), fields={"phrase": "timeout"}),
        Fact(find=("Too long inactivity",), fields={"phrase": "inactivity"}),
        Fact(find=("Secure tunnel is established",), fields={"phrase": "tunnel_up"}),
    ),
    dated=True,
    samples=(
        Sample(
            own=7,
            lines=(
                "CRIT | 20260304-073601.118 | 3CX | SBC | 0x1a2c | main.cpp:120 | SmartSBC 20.0.100 @ SITEPC",
                "CRIT | 20260304-073601.120 | 3CX | SBC | 0x1a2c | main.cpp:140 | Running in console mode",
                "ERR  | 20260304-074210.004 | 3CX | SBC | 0x0b10 | Bridge.cpp:88 | getaddrinfo error ... No such host is known",
                "ERR  | 20260304-074211.000 | 3CX | SBC | 0x0b10 | Bridge.cpp:91 | Invalid bridge's configuration",
                "ERR | 20260304-074212.000 | 3CX | SBC | 0x0b10 | Bridge.cpp:91 | Failed to connect to 192.0.2.53:53",
                "ERR  | 20260304-080000.000 | 3CX | SBC | 0x0b10 | Bridge.cpp:91 | global connection timeout",
                "ERR  | 20260304-090000.000 | 3CX | SBC | 0x0b10 | Bridge.cpp:77 | ... Too long inactivity",
                "CRIT | 20260304-091000.000 | 3CX | SBC | 0x1a2c | main.cpp:160 | Stopping: service manager request",
            ),
            rows=(
                {
                    "time": "2026-03-04T07:36:01.118000", "local": True, "level": None, "raw_level": "CRIT", "thread": "0x1a2c",
                    "logger": "main.cpp", "text": "SmartSBC 20.0.100 @ SITEPC",
                    "fields": {"phrase": "start", "sbc_version": "20.0.100", "sbc_host": "SITEPC"},
                },
                {"fields": {}, "level": None},
                {"fields": {"phrase": "dns_failure"}, "level": "error"},
                {"fields": {"phrase": "bad_bridge"}},
                {"fields": {"phrase": "dns_failure"}, "raw_level": "ERR"},
                {"fields": {"phrase": "timeout"}},
                {"fields": {"phrase": "inactivity"}},
                {"fields": {"phrase": "stop", "reason": "service manager request", "stopped_by": "service_manager"}},
            ),
        ),
    ),
)  # fmt: skip

PARSERS = (LogParser(FORMAT),)
