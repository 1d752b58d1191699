"""Dialer and queue call-back log (3CXDialer.log), V16 era.

Known from code that searches for these words in each line; their order is not known. Lines with the prefix of the newer
services are those of `parsers.logs.service_log`.
"""

from __future__ import annotations

from parsers.logs.format import Fact, LogFormat, Sample
from parsers.logs.parser import LogParser

FORMAT = LogFormat(
    kind="dialer_log",
    names=("3cxdialer*.log*",),
    hints=("[Dialing]",),
    prefix=r"""
        (?![^\n]{0,40}\|[A-Za-z]{3,8}\|)                                                        # not: …|Info|
        (?=[^\n]{0,60}?(?P<date>\d{4}/\d{2}/\d{2})[ ](?P<time>\d{2}:\d{2}:\d{2}(?:\.\d{3})?))   # 2021/03/04 10:11:12
        (?=[^\n]{0,300}?Call\(\d{1,10}\))                                                       # Call(17)
    """,
    facts=(
        Fact(find=("[Dialing]",), fields={"dialing": True}),
        Fact(find=("Call(",), pattern=r"\bCall\((?P<call>\d{1,10})\)"),
        Fact(find=("DN=",), pattern=r"\bDN=(?P<extension>\w{1,20})"),
        Fact(find=("EP=",), pattern=r"\bEP=(?P<number>[+\w]{1,40})"),
    ),
    samples=(
        Sample(
            own=1,
            lines=("2021/03/04 10:11:12.100 Call(17) [Dialing] DN=801 EP=015550100",),
            rows=(
                {
                    "time": "2021-03-04T10:11:12.100000", "local": True,
                    "fields": {"dialing": True, "call": "17", "extension": "801", "number": "015550100"},
                },
            ),
        ),
    ),
)  # fmt: skip

PARSERS = (LogParser(FORMAT),)
