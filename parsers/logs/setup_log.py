"""Set-up and restore log (PbxConfigTool.log): the level stands before the thread, a JSON object over many lines follows.

Shape seen verbatim (V18). The object may be damaged (posters blank lines of it), so that its keys are looked for one by one.
``Success`` and ``ErrorMessage`` matter; the licence key and passwords in it are secrets, the rest is left alone.
"""

from __future__ import annotations

import json

from parsers.logs.format import Fact, FieldValue, LogFormat, Sample
from parsers.logs.parser import LogParser


def cause(text: str) -> FieldValue:
    r"""The message of an exception in a JSON string, without the stack trace (``\n   at …``) behind it."""
    try:
        text = json.loads(f'"{text}"')
    except ValueError:
        text = text.replace("\\r", "").replace("\\n", "\n").replace('\\"', '"')
    return text.replace("\r", "").split("\n   at ", 1)[0].strip()


FORMAT = LogFormat(
    kind="setup_log",
    names=("pbxconfigtool*.log*",),
    starts=("9999/99/99 99:99:99.999|",),
    prefix=r"""
        (?P<date>\d{4}/\d{2}/\d{2})[ ]          # 2022/06/01
        (?P<time>\d{2}:\d{2}:\d{2}\.\d{3})\|    # 10:00:00.123|
        (?P<level>[A-Za-z]{3,8})\|              # Dbg|       says nothing about success
        (?P<thread>\d{1,10})\|[ \t]*            # 0044|
    """,
    facts=(
        Fact(
            find=('"Success"',),
            pattern=r'"Success"[ \t]*:[ \t]*(?P<success>true|false)\b',
            types={"success": lambda text: text == "true"},
        ),
        Fact(
            find=('"ErrorMessage"',),
            pattern=r'"ErrorMessage"[ \t]*:[ \t]*"(?P<error_message>(?:[^"\\\n]|\\.){1,8000})',
            types={"error_message": cause},
        ),
    ),
    dated=True,
    samples=(
        Sample(
            own=1,
            lines=(
                "2022/06/01 09:59:58.001|Dbg|0044|  Create PBX",
                "2022/06/01 10:00:00.123|Dbg|0044|  Create PBX completed, result = {",
                '  "Success": false,',
                r'  "ErrorMessage": "PostInstall.SetupException: Database \"x\" not started\n   at PostInstall.Run()",',
                '  "LicenseKey": "AAAA-BBBB-CCCC-DDDD",',
                "}",
            ),
            rows=(
                {"level": "debug", "raw_level": "Dbg", "thread": "0044", "text": "Create PBX", "fields": {}},
                {
                    "time": "2022-06-01T10:00:00.123000", "local": True,
                    "fields": {"success": False, "error_message": 'PostInstall.SetupException: Database "x" not started'},
                    "text": 'Create PBX completed, result = {\n  "Success": false,\n  "ErrorMessage": "PostInstall.SetupException:'
                    r' Database \"x\" not started\n   at PostInstall.Run()",' '\n  "LicenseKey": "***",\n}',
                },
            ),
        ),
        Sample(  # damaged: the string and the object never end
            own=1,
            lines=(
                "2022/06/01 10:00:00.123|Dbg|0044|  Create PBX completed, result = {",
                '  "Success": true',
                r'  "ErrorMessage": "first\nsecond',
            ),
            rows=({"fields": {"success": True, "error_message": "first\nsecond"}},),
        ),
    ),
)  # fmt: skip

PARSERS = (LogParser(FORMAT),)
