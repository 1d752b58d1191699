"""Server Status log of V3 to V6 (2007 to 2009): times without date, kind and level in one word, columns divided by bars.

Seen verbatim in a copy of the vendor's text. ``Incoming`` only says that the PBX got a request: it is logged for inbound
and outbound calls.
"""

from __future__ import annotations

from parsers.logs.format import Fact, LogFormat, Sample, some
from parsers.logs.parser import LogParser

FORMAT = LogFormat(
    kind="server_status_log",
    starts=("99:99:99.999| A",),
    date_order="none",
    prefix=r"""
        (?P<time>\d{2}:\d{2}:\d{2}\.\d{3})\|[ ]             # 12:03:20.734|
        (?P<level>[A-Z][A-Za-z]{2,7})[ ]?                   # Log  Warning
        \([ ]?\d{1,2}\):[ ]?                                # (2):   ( 1):    with erratic blanks
        (?:\|[ ]?)?
    """,
    facts=(
        Fact(
            find=(" | c",),
            pattern=r"""
                ^(?P<event>[A-Z]\w{2,30})[ ]\|[ ](?P<call>c\d{1,9})[ ]\|     # Incoming | c1 |
                [ ]?"?(?P<from_user>[^"|\n]{0,100}?)"?[ ]?\|                 # "232" |
                [ ]?"?(?P<to_user>[^"|\n]{0,100}?)"?[ ]?\|                   # |
            """,
            types={"from_user": some, "to_user": some},
        ),
        Fact(find=("Call is incoming from line",), pattern=r"from[ ]line[ ]\[\#(?P<line>[^\]\s]{1,60})", fields={"event": "Incoming"}),
    ),
    samples=(
        Sample(
            own=2,
            lines=(
                '12:03:20.734| Log(2): | Incoming | c1 | "232" | | Incoming call (before routing)',
                "12:03:20.734| Log (2): | Call is incoming from line [#1234578 @Dlink]",
                "12:03:20.734| Warning( 1): | Incoming call",
            ),
            rows=(
                {
                    "time": None, "level": "info", "raw_level": "Log",
                    "text": 'Incoming | c1 | "232" | | Incoming call (before routing)',
                    "fields": {"event": "Incoming", "call": "c1", "from_user": "232", "to_user": None},
                },
                {"fields": {"event": "Incoming", "line": "1234578"}},
                {"level": "warn", "fields": {}},
            ),
        ),
    ),
)  # fmt: skip

PARSERS = (LogParser(FORMAT),)
