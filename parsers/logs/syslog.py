"""System log and journal (syslog, auth.log, ``journalctl``): the stock formats of rsyslog and systemd on Debian."""

from __future__ import annotations

from datetime import UTC, datetime

from parsers.logs.format import Fact, LogFormat, Sample
from parsers.logs.parser import LogParser
from parsers.logs.systemd_facts import SYSTEMD_FACTS

FOREIGN_UNITS = (
    "docker", "containerd", "voiptools", "node_exporter", "prometheus-node-exporter", "fail2ban", "asterisk", "freeswitch",
)  # fmt: skip
"""Units of software that 3CX's image does not have."""

WRITTEN = datetime(2026, 11, 13, 7, tzinfo=UTC)

FORMAT = LogFormat(
    kind="syslog",
    names=("syslog*", "auth.log*", "messages*", "kern.log*", "daemon.log*", "journal*.log", "journal*.txt"),
    starts=("AAA 99 99:99:99", "AAA  9 99:99:99", "9999-99-99T99:99:99"),
    date_order="mon",
    prefix=r"""
        (?P<date>[A-Z][a-z]{2}[ ]{1,2}\d{1,2}|\d{4}-\d{2}-\d{2})[ T]    # Nov 13   Nov  3   2026-11-13T
        (?P<time>\d{2}:\d{2}:\d{2}(?:[.,]\d{1,6})?)                     # 06:25:01
        (?P<zone>Z|[+-]\d{2}:?\d{2})?[ ]                                # +01:00    ISO times only
        (?P<host>[\w.-]{1,120})[ ]                                      # pbx
        (?P<logger>[\w./@()-]{1,80})(?:\[(?P<pid>\d{1,10})\])?:[ ]?     # systemd[1]:
    """,
    facts=(
        *SYSTEMD_FACTS,
        # auth.log: Failed password for invalid user admin from 203.0.113.5 port 40000 ssh2 (what was typed as user may be a password)
        Fact(
            find=("Failed password for ",),
            pattern=r"\bFailed[ ]password[ ]for[ ](?P<invalid_user>invalid[ ]user[ ])?[^\n]{0,200}?[ ]from[ ](?P<ip>[0-9A-Fa-f.:]{3,45})[ ]port",
            types={"invalid_user": bool},
        ),
        # Started docker.service - Docker Application Container Engine.    software that is not 3CX's
        Fact(
            find=tuple(f"{unit}.service" for unit in FOREIGN_UNITS),
            pattern=r"(?<![\w@.-])(?P<unit>" + "|".join(FOREIGN_UNITS) + r")\.service\b",
            fields={"foreign": True},
        ),
        # Started Docker Application Container Engine.    systemd before 250 gives the description only
        Fact(find=("Started Docker Application Container Engine",), fields={"unit": "docker", "foreign": True}),
        Fact(
            find=("Out of memory: Kill",),
            pattern=r"\bOut[ ]of[ ]memory:[ ]Kill(?:ed)?[ ]process[ ]\d{1,10}[ ]\((?P<process>[^)\n]{1,60})\)",
            fields={"result": "oom-kill"},
        ),
    ),
    secrets=(r"Failed[ ]password[ ]for[ ](?:invalid[ ]user[ ])?([^\n]{1,200}?)[ ]from[ ]",),
    samples=(
        Sample(
            name="syslog",
            written=WRITTEN,
            own=8,
            lines=(
                "Nov 13 06:25:01 pbx systemd[1]: 3CXPhoneSystem01.service: Main process exited, code=killed, status=9/KILL",
                "Nov 13 06:25:01 pbx systemd[1]: 3CXPhoneSystem01.service: Failed with result 'exit-code'.",
                "Nov 13 06:25:01 pbx systemd[1]: Failed to start 3CXPhoneSystem01.service - 3CX PhoneSystem 01.",
                "Nov 13 06:25:01 pbx systemd[1]: Dependency failed for 3CXGatewayService.service - 3CX Gateway Service.",
                "Nov 13 06:25:01 pbx systemd[1]: 3CXGatewayService.service: Job 3CXGatewayService.service/start failed with result 'dependency'.",
                "Nov 13 06:25:02 pbx systemd[1]: 3CXPhoneSystem01.service: Scheduled restart job, restart counter is at 5.",
                "Nov 13 06:25:03 pbx kernel: [12.3] Out of memory: Killed process 4029 (3CXPhoneSystem) total-vm:1kB",
                "Nov 13 06:25:03 pbx systemd[1]: Started docker.service - Docker Application Container Engine.",
                "Nov 13 06:25:04 pbx CRON[812]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)",
            ),
            rows=(
                {
                    "time": "2026-11-13T06:25:01", "local": True, "logger": "systemd", "level": None,
                    "fields": {"host": "pbx", "unit": "3CXPhoneSystem01", "failure": "itself", "result": "killed", "signal": "KILL"},
                },
                {"fields": {"host": "pbx", "unit": "3CXPhoneSystem01", "failure": "itself", "result": "exit-code"}},
                {"fields": {"host": "pbx", "unit": "3CXPhoneSystem01", "failure": "itself", "result": "failed"}},
                {"fields": {"host": "pbx", "unit": "3CXGatewayService", "failure": "dependency", "result": "dependency"}},
                {"fields": {"host": "pbx", "unit": "3CXGatewayService", "failure": "dependency", "result": "dependency"}},
                {"fields": {"host": "pbx", "unit": "3CXPhoneSystem01", "result": "restart", "restarts": 5}},
                {"fields": {"host": "pbx", "process": "3CXPhoneSystem", "result": "oom-kill"}, "logger": "kernel"},
                {"fields": {"host": "pbx", "unit": "docker", "foreign": True}},
                {"fields": {"host": "pbx"}, "logger": "CRON"},
            ),
        ),
        Sample(  # a year is not written: the last such day before the file was; ISO times have a zone
            name="auth.log",
            written=WRITTEN,
            own=1,
            lines=(
                "Dec  3 06:25:01 pbx sshd[99]: Failed password for invalid user admin from 203.0.113.5 port 40000 ssh2",
                "2026-11-13T06:25:01.123456+01:00 pbx sshd[99]: Connection closed",
            ),
            rows=(
                {
                    "time": "2025-12-03T06:25:01", "text": "Failed password for invalid user *** from 203.0.113.5 port 40000 ssh2",
                    "fields": {"host": "pbx", "invalid_user": True, "ip": "203.0.113.5"},
                },
                {"time": "2026-11-13T05:25:01.123456", "local": False},
            ),
        ),
    ),
)  # fmt: skip

PARSERS = (LogParser(FORMAT),)
