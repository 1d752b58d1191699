"""Log of Debian's package tool (/var/log/dpkg.log): the stock format."""

from __future__ import annotations

from parsers.logs.format import Fact, LogFormat, Sample, some
from parsers.logs.parser import LogParser

FOREIGN = (
    "docker",
    "containerd",
    "fail2ban",
    "asterisk",
    "freeswitch",
    "prometheus-node-exporter",
    "mysql-server",
    "mariadb-server",
    "apache2",
)
"""Beginnings of names of packages that 3CX's image does not have and that are known beside it."""

FORMAT = LogFormat(
    kind="dpkg_log",
    names=("dpkg.log*",),
    starts=("9999-99-99 99:99:99 ",),
    prefix=r"""
        (?P<date>\d{4}-\d{2}-\d{2})[ ](?P<time>\d{2}:\d{2}:\d{2})[ ]    # 2026-11-13 10:00:00
        (?=(?:startup|status|install|upgrade|remove|purge|configure|trigproc|conffile|disappear)[ ])
    """,
    facts=(
        # upgrade 3cxpbx:amd64 18.0.9.20 20.0.9.995
        Fact(
            find=("install 3cx", "upgrade 3cx", "remove 3cx", "purge 3cx"),
            pattern=r"^(?P<action>install|upgrade|remove|purge)[ ](?P<package>3cx[\w.+-]{1,60})(?::\w{1,20})?[ ](?P<old_version>\S{1,60})(?:[ ](?P<new_version>\S{1,60}))?",
            types={"old_version": lambda text: None if text == "<none>" else text, "new_version": some},
        ),
        # install docker-ce:amd64 <none> 5:27.3.1-1    software that somebody put beside 3CX's
        Fact(
            find=tuple(f"install {name}" for name in FOREIGN),
            pattern=r"^(?P<action>install)[ ](?P<package>(?:" + "|".join(FOREIGN) + r")[\w.+-]{0,60})",
            fields={"foreign": True},
        ),
        Fact(find=("half-configured 3cx", "half-installed 3cx"), pattern=r"^status[ ](?P<state>half-\w{9,10})[ ](?P<package>3cx[\w.+-]{1,60})"),
    ),
    samples=(
        Sample(
            own=3,
            lines=(
                "2026-11-13 10:00:00 startup archives unpack",
                "2026-11-13 10:00:01 upgrade 3cxpbx:amd64 18.0.9.20 20.0.9.995",
                "2026-11-13 10:00:02 status half-configured 3cxpbx:amd64 20.0.9.995",
                "2026-11-13 10:00:03 install docker-ce:amd64 <none> 5:27.3.1-1",
            ),
            rows=(
                {"time": "2026-11-13T10:00:00", "local": True, "text": "startup archives unpack"},
                {"fields": {"action": "upgrade", "package": "3cxpbx", "old_version": "18.0.9.20", "new_version": "20.0.9.995"}},
                {"fields": {"state": "half-configured", "package": "3cxpbx"}},
                {"fields": {"action": "install", "package": "docker-ce", "foreign": True}},
            ),
        ),
    ),
)  # fmt: skip

PARSERS = (LogParser(FORMAT),)
