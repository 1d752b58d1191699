"""The worked example of the design, point by point."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cases import analyze

ZIP = "sample_bundles/worked-example/input/case-7.zip!/case-7"


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    code, made = analyze("worked-example")
    assert code == 3
    return made


def finding(report: dict[str, Any], code: str) -> dict[str, Any]:
    [found] = [f for f in report["findings"] if f["code"] == code]
    return dict(found)


def test_artifacts(report: dict[str, Any]) -> None:
    rows = {a["path"]: (a["kind"], a["records"], a["understood"], a["status"]) for a in report["artifacts"]}
    assert rows == {
        f"{ZIP}/DbTables/eventlog.csv": ("eventlog", 5, 5, "ok"),
        f"{ZIP}/ExtraLogging/tcxSystemInfo_260012110050.txt": ("system_info", 6, 6, "ok"),
        f"{ZIP}/Logs/3cxSystemService.log": ("service_log", 2, 2, "ok"),
        "sample_bundles/worked-example/input/Users.json": ("xapi_users", 1, 1, "ok"),
    }


def test_system_knows_its_sources(report: dict[str, Any]) -> None:
    system = report["system"]
    assert system["version"] == {
        "value": "20.0.9.995",
        "source": {"artifact": f"{ZIP}/ExtraLogging/tcxSystemInfo_260012110050.txt", "line": 11},
    }
    assert system["hosting"] == {"value": "self_hosted", "source": {"ticket": "hosting"}}
    assert system["log_utc_offset_s"] is None
    assert system["verbose_logs"]["value"] == "yes"


def test_phone_and_trunk_rows(report: dict[str, Any]) -> None:
    [phone] = report["phones"]
    shown = {
        name: phone[name]
        for name in (
            "mac",
            "ip",
            "vendor",
            "model",
            "firmware",
            "extensions",
            "provision_type",
            "template",
            "custom_template",
            "kind",
            "status",
            "stun",
        )
    }
    assert shown == {
        "mac": "805e0c112233", "ip": None, "vendor": "Yealink", "model": "T53W", "firmware": None, "extensions": ["105"],
        "provision_type": "stun", "template": "yealinkT5x.ph.xml", "custom_template": False, "kind": "phone",
        "status": "supported", "stun": None,
    }  # fmt: skip
    assert phone["source"] == {
        "artifact": "sample_bundles/worked-example/input/Users.json",
        "path": "value[0].Phones[0]",
    }
    [trunk] = report["trunks"]
    assert (trunk["number"], trunk["name"], trunk["registered"], trunk["status"]) == ("10000", None, True, "unknown")


def test_full_disk_in_server_time(report: dict[str, Any]) -> None:
    found = finding(report, "SYS-01")
    assert (found["severity"], found["owner"], found["confidence"], found["count"]) == ("critical", "partner", 90, 1)
    assert found["first_seen"] == found["last_seen"] == "2026-11-12T10:14:00.119000"
    line = "2026/11/12 10:14:00.119|0021|Erro| [Some.Logger] No space left on device"
    assert found["evidence"] == [
        {"artifact": f"{ZIP}/Logs/3cxSystemService.log", "line": 2, "time": "2026/11/12 10:14:00.119", "text": line}
    ]


def test_stun_phone_points_at_the_export(report: dict[str, Any]) -> None:
    found = finding(report, "SCOPE-07")
    assert (found["severity"], found["clause"], found["confidence"]) == ("high", "excluded.stun-phones", 95)
    assert found["subject"] == ["phone:805e0c112233", "ext:105"]
    assert found["evidence"][0] == {
        "artifact": "sample_bundles/worked-example/input/Users.json",
        "path": "value[0].Phones[0].Settings.ProvisionType",
        "time": None,
        "text": '"ProvisionType": "RemoteExt"',
    }


def test_flapping_trunk_in_utc(report: dict[str, Any]) -> None:
    found = finding(report, "TRK-07")
    assert (found["count"], found["subject"], found["role"]) == (4, ["trunk:10000"], "root")
    assert (found["first_seen"], found["last_seen"]) == ("2026-11-12T09:14:00.120000Z", "2026-11-12T09:47:10.000000Z")
    assert [e["row"] for e in found["evidence"]] == [2, 3, 4, 5]


def test_severity_of_the_event_log_is_not_believed(report: dict[str, Any]) -> None:
    assert "10031" not in str(report["findings"])


def test_verdict_and_route(report: dict[str, Any]) -> None:
    verdict, route = report["verdict"], report["route"]
    assert (verdict["scope"], verdict["installation"], verdict["missing"]) == ("out_of_scope", "out_of_scope", [])
    [excludes] = [r for r in verdict["reasons"] if r["effect"] == "excludes"]
    assert (excludes["clause"], excludes["findings"]) == ("excluded.stun-phones", ["SCOPE-07"])
    assert [s["clause"] for s in verdict["way_back"]] == ["excluded.stun-phones"]
    assert (route["levels"], route["phone_support"], route["priority"], route["language"]) == (
        [1, 2, 3],
        True,
        False,
        "en",
    )
    assert route["sla"]["due"] == "2026-11-16T11:00:00+01:00"
    assert "entitle.silver-plus" in {r["clause"] for r in route["reasons"]}


def test_the_licence_key_is_only_said_to_be_given(report: dict[str, Any]) -> None:
    assert report["case"]["ticket"]["license_key"] == "given"
    assert "XXXX-XXXX" not in str(report)


def test_a_second_run_is_the_same_but_for_timing(report: dict[str, Any]) -> None:
    _, again = analyze("worked-example")
    assert {k: v for k, v in again.items() if k != "timing"} == {k: v for k, v in report.items() if k != "timing"}
