"""A log of no known grammar: each line is a record, none is understood, all are searched all the same."""

from __future__ import annotations

from parsers.logs.format import LogFormat, Sample
from parsers.logs.parser import LogParser

FORMAT = LogFormat(
    kind="unknown_log",
    names=("*.log*", "*.log"),
    fallback=True,
    samples=(
        Sample(
            understood=0,
            name="3CXTunnel.log",
            lines=("<<0000>> tun#0 len=0 st=ok", "", "<<0001>> tun#1 len=13 st=ok"),
            rows=(
                {"text": "<<0000>> tun#0 len=0 st=ok", "time": None, "level": None, "fields": {}},
                {"text": "<<0001>> tun#1 len=13 st=ok"},
            ),
        ),
    ),
)

PARSERS = (LogParser(FORMAT),)
