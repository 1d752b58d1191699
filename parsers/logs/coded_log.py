"""Server Status and Activity logs of V6 to V12: messages with a code in brackets (``[CM504001]``).

The texts below were seen verbatim on the vendor's page; how the time stands in front of them was not, so each line is a
record and has no time. CM is the call manager, EC external components, MS the media server; unknown codes are kept.
"""

from __future__ import annotations

from parsers.logs.format import Fact, LogFormat, Sample
from parsers.logs.parser import LogParser

FORMAT = LogFormat(
    kind="coded_log",
    hints=("[CM", "[EC", "[MS", "Registered line: L:"),
    prefix=r"""
        (?!\d{2}:\d{2}:\d{2}\.\d{3}\||\d{4}/\d{2}/\d{2}[ ]\d{2}:\d{2}:\d{2}\.\d{3}\|)   # has a prefix: another format
        (?=[^\n]{0,100}?\[(?P<code>(?:CM|EC|MS)\d{6})\]|[^\n]{0,100}?Registered[ ]line:[ ])
    """,
    facts=(
        Fact(find=("[CM", "[EC", "[MS"), pattern=r"\[(?P<code>(?:CM|EC|MS)\d{6})\]"),
        Fact(find=("CM504001",), pattern=r"\bExt\.(?P<extension>\d{2,10}):", fields={"registered": True}),
        Fact(find=("CM504002",), pattern=r"\bExt\.(?P<extension>\d{2,10}):", fields={"registered": False}),
        Fact(
            find=("CM102001",),
            pattern=r"\bSipReq:[ ]+(?P<method>[A-Z]{2,12})[ ](?P<ip>[0-9A-Fa-f.:]{3,45})?[^\n]{0,2000}?\bReason:[ ](?P<reason>[^\n]{1,300})",
        ),
        Fact(
            find=("Registered line: L:",),
            pattern=r"Registered[ ]line:[ ]L:(?P<trunk>\d{2,10})(?:\((?P<trunk_name>[^)\n]{1,100})\))?",
            fields={"registered": True},
        ),
    ),
    samples=(
        Sample(
            own=4,
            understood=4,
            lines=(
                "[CM504001] Ext.100: new contact is registered. Contact(s): [sip:100@192.0.2.7:50386;rinstance=aa14540e328cb432]",
                "[CM504002] Ext.100: a contact is unregistered. Contact(s): []",
                ("[CM102001] Authentication failed for SipReq: REGISTER 192.0.2.30 tid=917d cseq=REGISTER contact=x / 1 from(wire);"
                " Reason: Credentials don't match, check that authorization-ID and password match the ones in extension settings"),
                "Registered line: L:10004(InPhonex)",
            ),
            rows=(
                {"code": "CM504001", "time": None, "level": None, "fields": {"extension": "100", "registered": True}},
                {"code": "CM504002", "fields": {"extension": "100", "registered": False}},
                {
                    "code": "CM102001",
                    "fields": {
                        "method": "REGISTER", "ip": "192.0.2.30",
                        "reason": "Credentials don't match, check that authorization-ID and password match the ones in extension"
                        " settings",
                    },
                },
                {"code": None, "fields": {"trunk": "10004", "trunk_name": "InPhonex", "registered": True}},
            ),
        ),
    ),
)  # fmt: skip

PARSERS = (LogParser(FORMAT),)
