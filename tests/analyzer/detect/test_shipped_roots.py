"""The program's own signatures: one problem with its consequences is one problem."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from analyzer.case import Options, analyze
from analyzer.finding import Finding
from analyzer.ticket import load_ticket

UNITS = ("3CXPhoneSystem01", "3CXGatewayService", "3CXQueueManager01", "3CXIVR01", "3CXMediaServer", "3CXTunnel01")


def found(*inputs: Path) -> list[Finding]:
    options = Options(
        inputs=[str(path) for path in inputs], ticket=load_ticket(None), ticket_given=False, as_of=date(2026, 11, 12)
    )
    return [item for item in analyze(options).findings if not item.code.startswith("SCOPE-")]


@pytest.fixture
def syslog(tmp_path: Path) -> Path:
    """A configuration service that dies, and all that needs it."""
    stamp = "Nov 12 10:00:02 hollybrook systemd[1]:"
    lines = [
        f"{stamp} 3CXCfgServ01.service: Main process exited, code=exited, status=1/FAILURE",
        f"{stamp} 3CXCfgServ01.service: Failed with result 'exit-code'.",
    ]
    for unit in UNITS:
        lines += [
            f"{stamp} Dependency failed for {unit}.service - {unit}.",
            f"{stamp} {unit}.service: Job {unit}.service/start failed with result 'dependency'.",
        ]
    path = tmp_path / "syslog"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_a_dead_service_is_one_problem(syslog: Path) -> None:
    findings = found(syslog)
    roots = [item for item in findings if item.role == "root"]
    assert [(item.code, item.message) for item in roots] == [
        ("SYS-17", "Service 3CXCfgServ01 does not start or stopped by itself (exited).")
    ]
    after = [item for item in findings if item.role == "contributing"]
    assert len(after) == len(UNITS)
    assert {item.caused_by for item in after} == {"SYS-17"}
    assert all(item.evidence for item in findings)


def test_units_named_by_their_description_are_those_of_the_next_line(syslog: Path) -> None:
    """systemd before version 250."""
    text = syslog.read_text("utf-8")
    for unit in UNITS:
        text = text.replace(f"Dependency failed for {unit}.service - {unit}.", f"Dependency failed for 3CX {unit[3:]}.")
    syslog.write_text(text, "utf-8")
    after = [item for item in found(syslog) if item.role == "contributing"]
    assert sorted(item.message.split()[1] for item in after) == sorted(UNITS)
    assert {item.count for item in after} == {2}


def test_a_full_disk_comes_before_what_it_brings_about(syslog: Path, tmp_path: Path) -> None:
    log = tmp_path / "3cxSystemService.log"
    line = "2026/11/12 {}|0021|Erro| [Example.Recorder] No space left on device\n"
    log.write_text(line.format("09:40:00.119"), "utf-8")
    findings = found(syslog, log)
    assert [item.code for item in findings if item.role == "root"] == ["SYS-01"]
    assert {item.caused_by for item in findings if item.role == "contributing"} == {"SYS-01"}
    assert "COR-18" in {item.code for item in findings}
    log.write_text(line.format("10:40:00.119"), "utf-8")
    assert sorted(item.code for item in found(syslog, log) if item.role == "root") == ["SYS-01", "SYS-17"]
