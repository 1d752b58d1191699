"""IVR log (3CXIVR.log), V20 U8: the day comes first in the date.

Known from code that was tuned on a real system; the form of the number in brackets is not sure. ``RTCP`` lines come about
every five seconds a call leg. The unit of ``jitter`` is unknown: it is given as it stands and must not be compared with
milliseconds.
"""

from __future__ import annotations

from parsers.logs.format import Fact, LogFormat, Sample, number
from parsers.logs.parser import LogParser

FORMAT = LogFormat(
    kind="ivr_log",
    names=("3cxivr*.log*",),
    starts=("99/99/9999 99:99:99.999 [",),
    date_order="dmy",
    prefix=r"""
        (?P<date>\d{2}/\d{2}/\d{4})[ ]              # 06/05/2026    6 May
        (?P<time>\d{2}:\d{2}:\d{2}\.\d{3})[ ]       # 18:15:20.101
        \[(?P<thread>[0-9A-Za-z]{1,18})\][ ]?       # [7f3a]
    """,
    facts=(
        Fact(
            # every leg writes one of these about every five seconds: those without loss are counted, not kept
            find=tuple(f"loss%={digit}" for digit in range(1, 10)),
            pattern=r"""
                RTCP[ ]ssrctx=(?P<ssrc_tx>\w{1,20})
                (?:[ ]tx=(?P<tx>-?\d{1,12}))?
                (?:[ ]ssrcrx=(?P<ssrc_rx>\w{1,20}))?
                (?:[ ]rx=(?P<rx>-?\d{1,12}))?
                (?:[ ]ex=(?P<expected>-?\d{1,12}))?
                (?:[ ]delta=(?P<delta>-?\d{1,12}))?
                (?:[ ]loss%=(?P<loss_pct>-?\d{1,6}(?:\.\d{1,9})?))?
                (?:[ ]jitter=(?P<jitter>-?\d{1,9}(?:\.\d{1,9})?))?
            """,
            types=dict.fromkeys(("tx", "rx", "expected", "delta", "loss_pct", "jitter"), number),
        ),
    ),
    dated=True,
    samples=(
        Sample(
            own=1,
            lines=(
                "06/05/2026 18:15:20.101 [7f3a] RTCP ssrctx=111 tx=250 ssrcrx=222 rx=245 ex=250 delta=5 loss%=2.0 jitter=0.570113",
                "06/05/2026 18:15:25.101 [7f3a] RTCP ssrctx=111 tx=500 ssrcrx=222 rx=499 ex=500 delta=1 loss%=0.2 jitter=0.570113",
                "06/05/2026 18:15:21.000 [7f3a] text",
            ),
            rows=(
                {
                    "time": "2026-05-06T18:15:20.101000", "local": True, "level": None, "thread": "7f3a",
                    "fields": {
                        "ssrc_tx": "111", "tx": 250, "ssrc_rx": "222", "rx": 245, "expected": 250, "delta": 5, "loss_pct": 2.0,
                        "jitter": 0.570113,
                    },
                },
                {"fields": {}},
                {"text": "text", "fields": {}},
            ),
        ),
    ),
)  # fmt: skip

PARSERS = (LogParser(FORMAT),)
