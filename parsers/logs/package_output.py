"""What apt, dpkg and systemctl print on the console (pasted, term.log, history.log): lines without time.

Wording of the tools themselves; ``dpkg: error processing package 3cxpbx`` is how a failed update of 3CX shows.
"""

from __future__ import annotations

from parsers.logs.format import Fact, LogFormat, Sample, number
from parsers.logs.parser import LogParser
from parsers.logs.systemd_facts import SYSTEMD_FACTS

FORMAT = LogFormat(
    kind="package_output",
    hints=("dpkg", "apt", "Setting up ", "Unpacking ", "Job for ", "A dependency job for ", "E: "),
    prefix=r"""
        (?=(?:Get|Hit|Ign|Err):\d|(?:Reading|Building|Calculating|Fetched|Selecting|Preparing|Unpacking|Processing|Removing|Purging
            |Setting[ ]up|Created[ ]symlink|Need[ ]to[ ]get|After[ ]this[ ]operation|The[ ]following|Errors[ ]were|Some[ ]packages)[ ]
           |Setting[ ]up[ ]|\(Reading[ ]|dpkg(?:-\w{1,20})?:[ ]|[EWN]:[ ]|Err:|[ ]{2}|[ ]3cx|\d{1,6}[ ]upgraded,|Log[ ](?:started|ended):[ ]
           |(?:Start-Date|End-Date|Commandline|Requested-By|Install|Upgrade|Remove|Error):[ ]
           |(?:A[ ]dependency[ ]job|Job)[ ]for[ ]|See[ ][\"'“]|invoke-rc\.d:|(?:3CX\w{1,60}|nginx|postgresql\S{0,40})\.service[ :])
    """,
    facts=(
        Fact(
            find=("dpkg: error processing ",),
            pattern=r"dpkg:[ ]error[ ]processing[ ](?:package|archive)[ ](?P<package>[\w./+-]{1,200})[ ]\(--(?P<action>\w{1,20})\)",
            fields={"result": "failed"},
        ),
        Fact(
            find=("returned an error code",),
            pattern=r"Sub-process[ ](?P<process>\S{1,100})[ ]returned[ ]an[ ]error[ ]code[ ]\((?P<exit_code>\d{1,5})\)",
            types={"exit_code": number},
            fields={"result": "failed"},
        ),
        Fact(find=("Setting up 3cx",), pattern=r"^Setting[ ]up[ ](?P<package>3cx[\w.+-]{1,60})(?::\w{1,20})?[ ]\((?P<version>[^)\n]{1,60})\)"),
        *SYSTEMD_FACTS,
    ),
    samples=(
        Sample(
            own=5,
            lines=(
                "Setting up 3cxpbx (20.0.9.995) ...",
                "A dependency job for 3CXGatewayService.service failed. See 'journalctl -xe' for details.",
                "Job for 3CXPhoneSystem01.service failed because the control process exited with error code.",
                "dpkg: error processing package 3cxpbx (--configure):",
                "E: Sub-process /usr/bin/dpkg returned an error code (1)",
                "Reading package lists... Done",
            ),
            rows=(
                {"time": None, "fields": {"package": "3cxpbx", "version": "20.0.9.995"}},
                {"fields": {"unit": "3CXGatewayService", "failure": "dependency", "result": "dependency"}},
                {
                    "fields": {
                        "unit": "3CXPhoneSystem01", "failure": "itself", "result": "failed",
                        "reason": "the control process exited with error code",
                    }
                },
                {"fields": {"package": "3cxpbx", "action": "configure", "result": "failed"}},
                {"fields": {"process": "/usr/bin/dpkg", "exit_code": 1, "result": "failed"}},
                {"fields": {}},
            ),
        ),
    ),
)  # fmt: skip

PARSERS = (LogParser(FORMAT),)
