"""Media server log (3CXMediaServer*.log), V20: times without date, the date in a ``#Date:`` line at the top.

Seen verbatim in sanitised test data of tools that read real bundles. Whether ``#Date:`` repeats at midnight is not known:
the day also changes when the time falls back over midnight, and comes from the file name where there is no such line.
"""

from __future__ import annotations

from parsers.logs.format import Fact, LogFormat, Sample, some
from parsers.logs.parser import LogParser

FORMAT = LogFormat(
    kind="media_log",
    names=("3cxmediaserver*.log*",),
    starts=("99:99:99.999|",),
    date_order="none",
    date_line=r"^#Date:[ ]?20\d\d/[01]\d/[0-3]\d",
    prefix=r"""
        (?P<time>\d{2}:\d{2}:\d{2}\.\d{3})\|        # 09:11:12.205|
        (?P<thread>[0-9a-zA-Z]{1,16})\|             # 7f01aa6c46c0|   the address of a Linux thread
        [ ]{0,5}(?P<level>[A-Za-z]{3,8})[ ]*\|      # ␠Warn|
        (?=(?P<logger>[\w.-]{1,80})\(\d{1,6}\):     # MSEndPoint.cpp(1086):
           (?:[ ]\d{1,3}:\[(?P<code>MS\d{6})\])?)?  # 5:[MS105000]    5 is unexplained; this part can be missing
    """,
    facts=(
        # MS105000: the call was set up, yet no audio packet came from remoteAddr; nearly always a firewall or NAT there.
        Fact(
            find=("No RTP packets were received",),
            pattern=r"""
                (?:C:(?P<call>\d{1,10})(?:\.(?P<leg>\d{1,6}))?:[ ])?                         # C:412.1:
                No[ ]RTP[ ]packets[ ]were[ ]received
                (?::remoteAddr=(?P<remote_addr>(?P<remote_ip>\[?[0-9A-Fa-f.:]{2,45}?\]?)(?::\d{1,5})?|<none>)(?=,|$))?
                (?:,extAddr=(?P<ext_addr>[^,\s]{1,64}))?
                (?:,localAddr=(?P<local_addr>[^,\s]{1,64}))?
            """,
            types={"remote_addr": some, "ext_addr": some, "local_addr": some},
            fields={"no_rtp": True},
        ),
    ),
    dated=True,
    samples=(
        Sample(
            name="3CXMediaServer.log",
            own=2,
            lines=(
                "#Date: 2026/03/04",
                "23:59:59.205|7f01aa6c46c0| Warn|MSEndPoint.cpp(1086): 5:[MS105000] C:412.1: No RTP packets were received:remoteAddr=198.51.100.7:41000,extAddr=<none>,localAddr=203.0.113.9:9154",
                "00:12:01.311|x| Warn|MSEndPoint.cpp(1086): C:1: No RTP packets were received:remoteAddr=10.0.0.9:5000,extAddr=<none>",
                "00:12:02.000|7f01aa6c46c0| Info|MSServer.cpp(210): Session created",
            ),
            rows=(
                {"text": "#Date: 2026/03/04", "time": None},
                {
                    "time": "2026-03-04T23:59:59.205000", "local": True, "level": "warn", "raw_level": "Warn", "code": "MS105000",
                    "thread": "7f01aa6c46c0", "logger": "MSEndPoint.cpp",
                    "fields": {
                        "no_rtp": True, "call": "412", "leg": "1", "remote_addr": "198.51.100.7:41000", "remote_ip": "198.51.100.7",
                        "ext_addr": None, "local_addr": "203.0.113.9:9154",
                    },
                },
                {
                    "time": "2026-03-05T00:12:01.311000", "code": None,
                    "fields": {
                        "no_rtp": True, "call": "1", "leg": None, "remote_addr": "10.0.0.9:5000", "remote_ip": "10.0.0.9",
                        "ext_addr": None, "local_addr": None,
                    },
                },
                {"level": "info", "fields": {}},
            ),
        ),
        Sample(  # no date line: the name has the day
            name="3CXMediaServer.2026-08-07.log",
            lines=("10:00:00.000|7f01aa6c46c0| Info|MSServer.cpp(210): Session created",),
            rows=({"time": "2026-08-07T10:00:00"},),
        ),
    ),
)  # fmt: skip

PARSERS = (LogParser(FORMAT),)
