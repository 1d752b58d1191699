"""What systemd says when a unit of 3CX does not run: failed by itself, or because another one did.

Wording of systemd itself (documented: systemd.service(5), messages of systemd 241 to 252). Unit names as 3CX installs them
(seen verbatim): 3CXPhoneSystem01, 3CXMediaServer, 3CXGatewayService …, nginx, postgresql.
"""

from __future__ import annotations

from parsers.logs.format import Fact, number

UNIT = r"(?P<unit>(?:3CX\w{1,60}|3cxsbc|nginx|postgresql(?:@[\w.-]{1,40})?))\.service\b"
ITSELF = "itself"
DEPENDENCY = "dependency"

SYSTEMD_FACTS = (
    # 3CXPhoneSystem01.service: Main process exited, code=dumped, status=11/SEGV
    Fact(
        find=(": Main process exited",),
        pattern=UNIT
        + r":[ ]Main[ ]process[ ]exited,[ ]code=(?P<result>\w{1,20}),[ ]status=\d{1,4}/(?P<signal>[\w-]{1,20})",
        fields={"failure": ITSELF},
    ),
    # 3CXPhoneSystem01.service: Failed with result 'exit-code'.
    Fact(
        find=(": Failed with result",),
        pattern=UNIT + r":[ ]Failed[ ]with[ ]result[ ]'(?P<result>[\w-]{1,30})'",
        fields={"failure": ITSELF},
    ),
    # Failed to start 3CXPhoneSystem01.service - 3CX PhoneSystem 01. (older ones give only the description)
    Fact(
        find=("Failed to start 3CX",),
        pattern=r"Failed[ ]to[ ]start[ ](?:" + UNIT + ")?",
        fields={"failure": ITSELF, "result": "failed"},
    ),
    # Job for 3CXPhoneSystem01.service failed because the control process exited with error code.
    Fact(
        find=("Job for ",),
        pattern=r"\bJob[ ]for[ ]" + UNIT + r"[ ]failed[ ]because[ ](?P<reason>[^\n]{1,120}?)\.",
        fields={"failure": ITSELF, "result": "failed"},
    ),
    # 3CXPhoneSystem01.service: Start request repeated too quickly.
    Fact(
        find=("Start request repeated too quickly",),
        pattern=UNIT,
        fields={"failure": ITSELF, "result": "start-limit-hit"},
    ),
    # 3CXPhoneSystem01.service: Scheduled restart job, restart counter is at 5.
    Fact(
        find=("Scheduled restart job",),
        pattern=UNIT + r":[ ]Scheduled[ ]restart[ ]job,[ ]restart[ ]counter[ ]is[ ]at[ ](?P<restarts>\d{1,9})",
        types={"restarts": number},
        fields={"result": "restart"},
    ),
    # Dependency failed for 3CXGatewayService.service - 3CX Gateway Service.
    Fact(
        find=("Dependency failed for ",),
        pattern=r"\bDependency[ ]failed[ ]for[ ](?:" + UNIT + r"|3CX)",
        fields={"failure": DEPENDENCY, "result": DEPENDENCY},
    ),
    # 3CXGatewayService.service: Job 3CXGatewayService.service/start failed with result 'dependency'.
    Fact(
        find=("failed with result 'dependency'",),
        pattern=UNIT + "/start",
        fields={"failure": DEPENDENCY, "result": DEPENDENCY},
    ),
    # A dependency job for 3CXGatewayService.service failed. See 'journalctl -xe' for details.
    Fact(
        find=("A dependency job for ",),
        pattern=r"\bA[ ]dependency[ ]job[ ]for[ ]" + UNIT,
        fields={"failure": DEPENDENCY, "result": DEPENDENCY},
    ),
)
