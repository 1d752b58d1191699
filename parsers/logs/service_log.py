"""Logs of the .NET services: 3CXCallFlow.log, 3CXGatewayService.log, 3CXQueueManager.log, 3cxSystemService.log, 3cxManagementConsole.log.

The columns changed between V18 (seen verbatim), early V20 (seen verbatim) and V20 U8 (seen verbatim for the call flow log,
otherwise known from code tuned on a real system): the level grew from three letters to four, the process id went away.
One prefix reads all of them. Times are the server's wall clock (inferred, strong: payloads of the same lines are UTC).
"""

from __future__ import annotations

from parsers.logs.format import Fact, LogFormat, Sample, number
from parsers.logs.parser import LogParser

FORMAT = LogFormat(
    kind="service_log",
    names=(
        "3cxcallflow*.log*", "3cxgatewayservice*.log*", "3cxqueuemanager*.log*", "3cxsystemservice*.log*",
        "3cxmanagementconsole*.log*",
    ),
    starts=("9999/99/99 99:99:99.999|", "9999/99/99 99:99:99,999|"),
    prefix=r"""
        (?P<date>\d{4}/\d{2}/\d{2})[ ]              # 2026/05/06
        (?P<time>\d{2}:\d{2}:\d{2}[.,]\d{3})\|      # 18:15:19.899|
        (?:(?P<pid>\d{1,10})\|(?=\d))?               # 4029|        V18 and early V20 only
        (?:(?P<thread>\d{1,10})\|)?                 # 0004|
        (?P<level>[A-Za-z]{3,8})\|(?!\d{4}\|)       # Inf| Info| Trac| Erro|   a thread behind it: set-up log
        [ \t]*
        (?=(?:[A-Z]{2,8}:[ ])?                      # CHR:         call history recorder
           (?:\[(?P<logger>[\w.`+<>]{1,200})\])?)   # [_3CX.ScriptRunner]
    """,
    facts=(
        # Seen verbatim (V20 U8): calls in the call flow engine now. The number in brackets is unexplained.
        Fact(
            find=("CallStorageSize=",),
            pattern=r"\bCallStorageSize=(?P<call_storage_size>\d{1,9})",
            types={"call_storage_size": number},
        ),
        # From a parser tuned on a real V20 U8 system, lines themselves not seen: texts of failed routing.
        Fact(find=("Route failed",), fields={"route_failed": True}),
        Fact(
            find=("lastrouting result",),
            pattern=r"\blastrouting[ ]result[ ](?P<routing_result>Failed|\w*[ ]?Error)",
            fields={"route_failed": True},
        ),
        # Same source: queue manager, unprefixed, about every 10 s under traffic.
        Fact(
            find=("=Total: ",),
            pattern=r"^=Total:[ ]{1,8}(?P<requests>\d{1,9})[ ]requests[ ]/[ ](?P<active>\d{1,9})[ ]active",
            types={"requests": number, "active": number},
            line=True,
        ),
        # Same source: agents below a "VCEHostPlugIn … Statistics" header, about every 30 s.
        Fact(
            find=("- Ag.",),
            pattern=r"^[ \t]{0,8}-[ ]Ag\.(?P<agent>\w{1,20})[ ][^\n]{0,300}?Logged-(?P<logged>IN|OUT)\b",
            line=True,
        ),
        Fact(
            find=("OmCallsManager number of calls:",),
            pattern=r"\bOmCallsManager[ ]number[ ]of[ ]calls:[ ](?P<calls>[\d, ]{1,60}\d)",
        ),
    ),
    sql="Executing SQL",
    utc_inside="EndTime={",
    sip=True,
    dated=True,
    samples=(
        Sample(  # V18
            lines=(
                "2022/03/31 02:00:04.117|4029|0022|Inf|[ManagementConsoleJS.Services.BackupService] Backup Nightly_0331 created",
                "2022/03/31 02:00:04.300|4029|0022|Err|[ManagementConsoleJS.Services.SomeService] text",
            ),
            rows=(
                {
                    "time": "2022-03-31T02:00:04.117000", "local": True, "level": "info", "raw_level": "Inf", "thread": "0022",
                    "logger": "ManagementConsoleJS.Services.BackupService",
                    "text": "[ManagementConsoleJS.Services.BackupService] Backup Nightly_0331 created", "fields": {},
                },
                {"level": "error", "raw_level": "Err"},
            ),
        ),
        Sample(  # early V20, with call history trace
            lines=(
                "2024/05/02 09:10:11.204|1711902|0037|Trac|CHR: Invoking OnCallEnded event",
                "2024/05/02 09:10:11.204|1711902|0037|Trac|CHR: [DBSaver] Executing SQL:",
                "                CALL public.sp_chr__save_something(",
                "                  7)",
                "2024/05/02 09:10:11.205|1711902|0037|Trac|CHR: [CallFlowParser] Processing X Record: CallDBId={123};",
            ),
            rows=(
                {"level": "trace", "thread": "0037", "logger": None},
                {
                    "logger": "DBSaver",
                    "text": "CHR: [DBSaver] Executing SQL:\n                CALL public.sp_chr__save_something(\n                  7)",
                },
                {"time": "2024-05-02T09:10:11.205000", "logger": "CallFlowParser"},
            ),
        ),
        Sample(  # V20 U8
            lines=(
                "2026/05/06 18:15:19.899|0004|Info| [_3CX.ScriptRunner] CallStorageSize=1(1)",
                "2026/05/06 18:16:02.001|0011|Erro| [Some.Logger] text",
                "2026/05/06 18:16:03.001|0011|Warn| [Some.Logger] Route failed",
            ),
            own=2,
            rows=(
                {"level": "info", "logger": "_3CX.ScriptRunner", "fields": {"call_storage_size": 1}},
                {"level": "error", "raw_level": "Erro", "thread": "0011", "fields": {}},
                {"level": "warn", "fields": {"route_failed": True}},
            ),
        ),
        Sample(  # V20 U8, queue manager; the block below the first line has no prefix
            name="3CXQueueManager.log",
            lines=(
                "2026/05/06 18:20:00.000|0007|Info| [Queue] VCEHostPlugIn [0] Statistics",
                "=Total: 12 requests / 3 active",
                " - Ag.0101 Dial:0 Logged-OUT",
                " - Ag.0102 Dial:1 Logged-IN",
                "2026/05/06 18:20:00.500|0007|Info| OmCallsManager number of calls: 3, 0, 1",
            ),
            own=4,
            rows=(
                {"fields": {}},
                {
                    "text": "=Total: 12 requests / 3 active", "time": "2026-05-06T18:20:00",
                    "fields": {"requests": 12, "active": 3},
                },
                {"fields": {"agent": "0101", "logged": "OUT"}},
                {"fields": {"agent": "0102", "logged": "IN"}, "time": "2026-05-06T18:20:00"},
                {"fields": {"calls": "3, 0, 1"}},
            ),
        ),
    ),
)  # fmt: skip

PARSERS = (LogParser(FORMAT),)
