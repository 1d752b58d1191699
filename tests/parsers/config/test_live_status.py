from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from parsers.config.live_export import PARSERS
from parsers.facts.system import HostMetric, Service, SystemSeen
from tests.parsers.config.reading import Result, read


def status(**members: Any) -> Result:
    context = {"@odata.context": "https://pbx.example.com/xapi/v1/$metadata#SystemStatus"}
    return read(PARSERS, json.dumps(context | members), "SystemStatus.json")


def test_columns_of_the_system() -> None:
    got = status(
        FQDN="pbx.example.com", Version="20.0.9.995", MaxSimCalls="16", UserExtensions=34, ExtensionsTotal=60, OS="Linux",
        Ip="203.0.113.77 Static", CurrentLocalIp="10.0.0.10", ExpirationDate="2035-01-01T00:00:00Z",
        MaintenanceExpiresAt="2028-05-01T02:00:00+02:00", TotalDiskSpace=343597383680, FreeDiskSpace=226559524864,
        LicenseKey="ABCD-1234-EFGH-5678", ProductCode="3CXPSPROFENTSPLA", LocalIpValid=True,
    )  # fmt: skip
    assert got.kind == "xapi_system_status"
    assert got.seen() == {
        "version": "20.0.9.995", "simultaneous_calls": 16, "licence_expires": "2035-01-01T00:00:00.000000Z",
        "maintenance_expires": "2028-05-01T00:00:00.000000Z", "license_present": True, "edition": "enterprise",
        "fqdn": "pbx.example.com", "os": "Linux", "public_ip": "203.0.113.77", "local_ip": "10.0.0.10", "extensions": 34,
        "disk_bytes": 343597383680, "disk_free_bytes": 226559524864,
    }  # fmt: skip
    assert {row.key: row.rank for row in got.of(SystemSeen)} | {"os": 60, "edition": 60} == {
        row.key: row.rank for row in got.of(SystemSeen)
    }
    assert got.settings()["SystemStatus.LocalIpValid"] is True
    assert "SystemStatus.LicenseKey" not in got.settings()
    assert got.secrets == {"ABCD-1234-EFGH-5678"}
    assert "ABCD" not in repr(got.rows)


def test_masked_values_are_unknown() -> None:
    got = status(
        FQDN="XXXX", Version="20.0.7.1080", LicenseKey="XXXX", Ip="XXX.XXX.XXX.XXX", MaintenanceExpiresAt="***"
    )
    assert got.seen() == {"version": "20.0.7.1080"}
    assert got.settings()["SystemStatus.FQDN"] is None
    assert (got.secrets, got.problems) == (set(), [])


def test_counts_below_zero_are_unknown() -> None:
    assert status(FQDN="pbx.example.com", MaxSimCalls=-1, ExtensionsTotal=-3, TotalDiskSpace="-5").seen() == {
        "fqdn": "pbx.example.com"
    }


def test_only_the_counter_is_known() -> None:
    (row,) = [row for row in status(ExtensionsTotal=45, TrunksTotal=2).of(SystemSeen) if row.key == "extensions"]
    assert (row.value, row.rank) == (45, 75)


@pytest.mark.parametrize(
    ("licence", "edition"),
    [
        ({"IsEnterprise": True, "IsProfessional": True}, "enterprise"),
        ({"IsEnterprise": False, "IsProfessional": True, "ProductCode": "3CXPSPROF"}, "pro"),
        ({"IsProfessional": True, "ProductCode": "3CXPSPROFENT"}, None),
        ({"IsEnterprise": False, "IsProfessional": False}, None),
        ({"ProductCode": "3CXPSSPLA"}, None),
        ({"ProductCode": "3CXPSPBX"}, "free"),
    ],
)
def test_editions(licence: dict[str, Any], edition: str | None) -> None:
    got = read(PARSERS, json.dumps({"IsHosted3CX": False, "License": licence}))
    assert got.seen().get("edition") == edition


@pytest.mark.parametrize(
    ("flags", "hosting", "by_3cx"),
    [
        ({"IsHosted": True, "IsHosted3CX": True}, "hosted_by_3cx", True),
        ({"IsHosted": False, "IsHosted3CX": False}, None, False),
        ({"IsHosted": True, "IsHosted3CX": False}, None, False),
        ({"IsHosted": True, "FQDN": "pbx.example.com"}, None, None),
    ],
)
def test_hosting_is_said_only_when_it_is_certain(
    flags: dict[str, Any], hosting: str | None, by_3cx: bool | None
) -> None:
    got = read(PARSERS, json.dumps(flags))
    assert got.kind == "xapi_system_parameters"
    assert (got.seen().get("hosting"), got.seen().get("hosted_by_3cx")) == (hosting, by_3cx)


def test_nested_settings_keep_their_place() -> None:
    got = read(PARSERS, json.dumps({"IsHosted3CX": False, "License": {"IsCfdEnabled": True, "MaxSimCalls": 8}}))
    assert got.settings()["SystemParameters.License.IsCfdEnabled"] is True
    assert got.seen()["simultaneous_calls"] == 8


@pytest.mark.parametrize("context", ["https://pbx.example.com/xapi/v1/$metadata#Pbx.License", None])
def test_the_licence_of_the_parameters_asked_for_alone(context: str | None) -> None:
    licence = {
        "IsCfdEnabled": True,
        "IsEnterprise": True,
        "IsMaintainceExpired": False,
        "MaxSimCalls": 8,
        "CountryCode": "DE",
    }
    got = read(PARSERS, json.dumps({"@odata.context": context, **licence} if context else licence))
    assert (got.kind, got.problems) == ("xapi_license_parameters", [])
    assert (got.seen()["simultaneous_calls"], got.seen()["edition"]) == (8, "enterprise")
    assert got.settings() == {
        "SystemParameters.License.IsCfdEnabled": True,
        "SystemParameters.License.IsEnterprise": True,
        "SystemParameters.License.IsMaintainceExpired": False,
    }


def test_health_and_telemetry() -> None:
    got = read(PARSERS, json.dumps({"CustomTemplatesCount": 2, "Firewall": False}))
    assert got.kind == "xapi_health_status"
    assert got.settings() == {"SystemHealthStatus.CustomTemplatesCount": 2, "SystemHealthStatus.Firewall": False}
    load = {"CpuUsage": "7.5", "TickCount": 1, "Time": "2026-11-13T10:02:00.1234567Z", "TotalPhysicalMemory": 8 << 30,
            "FreePhysicalMemory": 2 << 30, "FreeDiskSpace": 5, "TotalDiskSpace": 10}  # fmt: skip
    metric = read(PARSERS, json.dumps({"value": [load]})).one(HostMetric)
    assert metric.time == datetime(2026, 11, 13, 10, 2, 0, 123456, UTC)
    assert (metric.cpu_pct, metric.memory_bytes, metric.memory_free_bytes) == (7.5, 8 << 30, 2 << 30)
    assert (metric.disk_bytes, metric.disk_free_bytes) == (10, 5)


def test_waiting_updates_and_definitions() -> None:
    rows = [{"Category": "Firmware", "Count": 2}, {"Category": "Templates", "Count": 0}]
    got = read(PARSERS, json.dumps({"PerPage": [], "TcxUpdate": rows}))
    assert (got.kind, got.settings()) == (
        "xapi_updates_stats", {"UpdatesStats.Firmware": 2, "UpdatesStats.Templates": 0},
    )  # fmt: skip
    got = read(PARSERS, json.dumps({"Codecs": [], "GatewayParameters": [], "TimeZones": []}), "Defs.json")
    assert (got.kind, got.tally.understood, got.rows) == ("xapi_defs", 1, [])


def test_legacy_system_status() -> None:
    legacy = {
        "FQDN": "pbx.example.com", "Version": "15.5.15502.6", "MaxSimCalls": 8, "ExtensionsTotal": 18, "TrunksTotal": 1,
        "FreeFirtualMemory": 3473989632, "TotalPhysicalMemory": 2089590784, "FreePhysicalMemory": 1330704384,
        "CpuUsageHistory": [["2018-12-02T15:58:40.5589862Z", 4.6]], "ExpirationDate": None, "LicenseKey": "0123-4567-89AB-CDEF",
        "ProductCode": "3CXPSPROF",
    }  # fmt: skip
    got = read(PARSERS, json.dumps(legacy))
    assert got.kind == "xapi_system_status"
    assert got.seen()["memory_bytes"] == 2089590784
    assert (got.seen()["edition"], got.seen()["version"]) == ("pro", "15.5.15502.6")


def test_services() -> None:
    rows = [
        {
            "Name": "3CXMediaServer",
            "DisplayName": "Media",
            "Status": "Running",
            "MemoryUsed": 6385664,
            "ThreadCount": 12,
        },
        {"Name": "3CXIVR01", "DisplayName": "IVR", "Status": "Stopped"},
        {"Name": "3CXTunnel01", "DisplayName": "Tunnel", "Status": "StartPending"},
    ]
    got = read(PARSERS, json.dumps({"value": rows}))
    assert got.kind == "xapi_services"
    assert [(s.name, s.status, s.running) for s in got.of(Service)] == [
        ("3CXMediaServer", "Running", True),
        ("3CXIVR01", "Stopped", False),
        ("3CXTunnel01", "StartPending", None),
    ]
    assert got.of(Service)[0].private_memory == 6385664
    numbers = [{"Name": f"s{n}", "DisplayName": "x", "Status": n, "startStopEnabled": True} for n in (4, 1, 3)]
    assert [s.running for s in read(PARSERS, json.dumps(numbers)).of(Service)] == [True, False, None]
