from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from analyzer.system import COLUMNS, System
from parsers.facts import Source
from parsers.facts.capture import SipPeer
from parsers.facts.inventory import Integration, PhoneSeen, Template, TrunkSeen
from parsers.facts.log import Event, LogCoverage
from parsers.facts.system import HostMetric, Setting, SystemSeen, Value
from tests.analyzer.join.conftest import Joined

GB = 1 << 30


def seen(key: str, value: Value, rank: int = 90) -> SystemSeen:
    return SystemSeen(source=Source(artifact=f"rank{rank}", text=f"{key}={value}"), key=key, value=value, rank=rank)


def setting(name: str, value: Value, of: str = "SystemStatus") -> Setting:
    return Setting(source=Source(artifact=f"{of}.json", path=name), object=of, name=name, value=value)


def machine(cpus: int, memory: float, disk: int, extensions: int = 34, **more: Value) -> list[SystemSeen]:
    values: dict[str, Value] = {
        "cpu_count": cpus, "memory_bytes": int(memory * GB), "disk_bytes": disk * GB, "extensions": extensions,
    }  # fmt: skip
    return [seen(key, value) for key, value in (values | more).items()]


def test_nothing_is_known_of_nothing(joined: Joined) -> None:
    facts, system = joined()
    assert system.columns == {}
    assert facts.of(System) == [system]
    assert {system.fields[name] for name in COLUMNS} == {None}
    unknown = (
        "outdated",
        "cves",
        "disk_free_pct",
        "hardware_below",
        "licence_expired",
        "maintenance_expired",
        "backup_age_days",
    )
    assert {name: system.fields[name] for name in unknown} == dict.fromkeys(unknown)
    assert (system.fields["phones"], system.fields["stun_phones"], system.fields["has_logs"]) == (0, 0, False)


def dated(version: str, artifact: str, rank: int, day: int) -> SystemSeen:
    place = Source(artifact=artifact, text=version)
    return SystemSeen(source=place, key="version", value=version, rank=rank, time=datetime(2026, 11, day, tzinfo=UTC))


@pytest.mark.parametrize("newest", ["a.pcap", "z.pcap"])
def test_of_captures_the_newest_tells_the_version(joined: Joined, newest: str) -> None:
    _, system = joined(dated("20.0.9.995", newest, 50, 12), dated("20.0.8.1131", "m.pcap", 50, 2))
    assert [system.value("version"), system.fields["outdated"]] == ["20.0.9.995", False]
    _, system = joined(dated("20.0.8.1131", "m.pcap", 50, 2), dated("20.0.9.995", newest, 50, 12))
    assert [system.value("version"), system.columns["version"].source.artifact] == ["20.0.9.995", newest]
    assert [value for value, _ in system.columns["version"].also] == ["20.0.8.1131"]


@pytest.mark.parametrize(
    ("made", "expected"), [("2026-11-01 02:00:00", "20.0.9.995"), ("2026-11-15 02:00:00", "20.0.7.1080")]
)
def test_a_backup_and_a_capture_tell_the_version_of_their_day(joined: Joined, made: str, expected: str) -> None:
    place = Source(artifact="backup.zip!/1Db.xml")
    backup = SystemSeen(source=place, key="version", value="20.0.7.1080", rank=70)
    day = Setting(source=place, object="Backup", name="Date", value=made)
    _, system = joined(backup, day, dated("20.0.9.995", "a.pcap", 50, 12))
    assert system.value("version") == expected


@pytest.mark.parametrize("rank", [80, 90])
def test_a_bundle_or_live_export_stands_above_a_newer_capture(joined: Joined, rank: int) -> None:
    _, system = joined(dated("20.0.9.995", "a.pcap", 50, 12), seen("version", "20.0.8.1131", rank))
    assert system.value("version") == "20.0.8.1131"


def test_of_several_3cx_in_a_capture_the_one_at_the_configured_address_is_the_customers(joined: Joined) -> None:
    own = SipPeer(source=Source(artifact="a.pcap", frame=3), ip="192.0.2.40", version="20.0.8.1131")
    other = SipPeer(source=Source(artifact="a.pcap", frame=1), ip="198.51.100.7", version="18.0.9.45")
    _, system = joined(own, other, seen("local_ip", "192.0.2.40"))
    assert (system.value("version"), system.columns["version"].also) == ("20.0.8.1131", [])
    _, system = joined(own, other, seen("local_ip", "192.0.2.40", 40))  # the wire's own word is no configuration
    assert system.value("version") is None


def test_the_best_source_wins_and_others_that_disagree_are_kept(joined: Joined) -> None:
    _, system = joined(
        seen("version", "18.0.5.418", 50), seen("version", "20.0.9.995", 80), seen("version", "20.0.9.995 (995)", 70),
        seen("version", "20.0.7.1080", 90), seen("fqdn", "PBX.example.com", 80), seen("fqdn", "pbx.example.com", 90),
        seen("os", "Linux", 60), seen("os", "Debian GNU/Linux 12 (bookworm)", 80),
    )  # fmt: skip
    version = system.columns["version"]
    assert (version.value, version.source.artifact) == ("20.0.7.1080", "rank90")
    assert [(value, source.artifact) for value, source in version.also] == [
        ("20.0.9.995", "rank80"),
        ("18.0.5.418", "rank50"),
    ]
    assert system.columns["fqdn"].also == []
    assert system.columns["os"].also == []
    assert list(system.columns) == ["version", "os", "fqdn"]
    assert system.source_of("version").artifact == "rank90"


def test_a_hint_fills_no_column(joined: Joined) -> None:
    _, system = joined(seen("hosting", "self_hosted", 30))
    assert "hosting" not in system.columns
    assert (system.fields["hosting"], system.fields["hosting_hint"]) == (None, "self_hosted")


def test_sizes_that_are_rounded_do_not_disagree(joined: Joined) -> None:
    _, system = joined(
        seen("memory_bytes", int(15.6 * GB), 80), seen("memory_bytes", 16 * GB, 60), seen("memory_bytes", 8 * GB, 50)
    )
    assert [value for value, _ in system.columns["memory_bytes"].also] == [8 * GB]


@pytest.mark.parametrize(
    ("version", "outdated", "cves"),
    [("20.0.9.995", False, None), ("20.0.7.1080", True, None), ("XXXX", None, None), ("20.0.100.12", False, None)],
)
def test_versions(joined: Joined, version: str, outdated: bool | None, cves: list[str] | None) -> None:
    _, system = joined(seen("version", version))
    assert (system.fields["outdated"], system.fields["cves"]) == (outdated, cves)
    assert (system.fields["latest_build"], system.fields["latest_build_as_of"]) == ("20.0.9.995", "2026-08-22")


def test_the_newest_build_is_never_known_on_a_later_day(joined: Joined) -> None:
    _, system = joined(seen("version", "20.0.7.1080"), as_of=date(2025, 12, 1))
    assert (system.fields["outdated"], system.fields["latest_build"]) == (False, "20.0.7.1080")
    assert system.fields["latest_build_as_of"] == "2025-12-01"


def test_advisories_rest_on_their_component(joined: Joined) -> None:
    old, sql = (
        seen("version", "20.0.0.1400"),
        Integration(source=Source(), kind="crm", name="MySQL Database", enabled=True),
    )
    assert joined(old)[1].fields["cves"] is None
    assert joined(old, sql)[1].fields["cves"] == ["CVE-2023-49954"]
    off = Integration(source=Source(), kind="crm", name="MySQL Database", enabled=False)
    assert joined(old, off)[1].fields["cves"] is None
    hotel = Integration(source=Source(), kind="pms", name="MySQL Database", enabled=True)
    assert joined(old, hotel)[1].fields["cves"] is None
    _, system = joined(seen("version", "18.0.2.1"), seen("os", "Microsoft Windows Server 2019"))
    found = system.fields["cves"]
    assert isinstance(found, list)
    assert sorted(found) == ["CVE-2021-45491", "CVE-2022-28005", "CVE-2022-48482", "CVE-2022-48483"]
    debian = seen("os", "Debian GNU/Linux 10 (buster)")
    assert joined(seen("version", "18.0.2.1"), debian)[1].fields["cves"] == ["CVE-2021-45491"]
    assert joined(seen("version", "18.0.3.450"), debian)[1].fields["cves"] is None


def test_shares_of_disk_and_memory(joined: Joined) -> None:
    _, system = joined(
        seen("disk_bytes", 80 * GB),
        seen("disk_free_bytes", 2 * GB),
        seen("memory_bytes", 0),
        seen("memory_free_bytes", 1),
    )
    assert (system.fields["disk_free_pct"], system.fields["disk_used_pct"]) == (2.5, 97.5)
    assert system.fields["memory_free_pct"] is None


def test_the_newest_measurement_fills_in(joined: Joined) -> None:
    def metric(hour: int, free: int) -> HostMetric:
        return HostMetric(
            source=Source(artifact="tsdb.system.csv", row=hour),
            time=datetime(2026, 11, 13, hour, tzinfo=UTC),
            disk_bytes=100 * GB,
            disk_free_bytes=free * GB,
        )

    _, system = joined(metric(5, 9), metric(3, 50))
    assert system.fields["disk_free_pct"] == 9.0
    assert system.source_of("disk_free_pct").row == 5
    assert (
        joined(metric(5, 9), seen("disk_bytes", 200 * GB), seen("disk_free_bytes", 100 * GB))[1].fields["disk_free_pct"]
        == 50.0
    )


def test_the_disk_as_the_pbx_counts_it(joined: Joined) -> None:
    _, system = joined(setting("DiskUsage", 85))
    assert (system.fields["disk_used_pct"], system.fields["disk_free_pct"]) == (85.0, 15.0)
    assert system.source_of("disk_used_pct").path == "DiskUsage"
    assert joined(setting("DiskUsage", 8500))[1].fields["disk_used_pct"] is None


@pytest.mark.parametrize(
    ("rows", "below"),
    [
        (machine(6, 15.6, 320), None),
        (machine(4, 3.82, 149), None),
        (machine(2, 4, 160), ["2 vCPU, 4 recommended"]),
        (
            machine(2, 1.9, 80, 42),
            ["2 vCPU, 4 recommended", "1.9 GB of memory, 4 recommended", "80 GB of disk, 160 recommended"],
        ),
        (machine(2, 4, 160, hosting="hosted_by_3cx"), None),
        (
            machine(4, 4, 160, os="Microsoft Windows Server 2022"),
            ["4 vCPU, 6 recommended", "4.0 GB of memory, 6 recommended"],
        ),
        (machine(2, 4, 160)[:-1], None),
        ([seen("extensions", 34)], None),
    ],
)
def test_machines(joined: Joined, rows: list[SystemSeen], below: list[str] | None) -> None:
    assert joined(*rows)[1].fields["hardware_below"] == below


@pytest.mark.parametrize(
    ("value", "expired"),
    [
        ("2026-11-15T23:59:59Z", True),
        ("2026-11-16T00:00:00Z", False),
        ("2035-01-01T00:00:00Z", False),
        ("2028-05-01", False),
        ("XXXX", None),
        ("0001-99-99", None),
        (None, None),
    ],
)
def test_expiry(joined: Joined, value: str | None, expired: bool | None) -> None:
    _, system = joined(*([seen("licence_expires", value), seen("maintenance_expires", value)] if value else []))
    assert (system.fields["licence_expired"], system.fields["maintenance_expired"]) == (expired, expired)


def test_a_licence_without_end_is_not_over_in_2040(joined: Joined) -> None:
    assert (
        joined(seen("licence_expires", "2035-01-01T00:00:00Z"), as_of=date(2040, 1, 1))[1].fields["licence_expired"]
        is False
    )


def test_the_age_of_the_backup_is_counted_to_the_newest_record(joined: Joined) -> None:
    last = setting("LastBackupDateTime", "2026-11-01T02:00:11Z")
    event = Event(source=Source(), event_id=30051, time=datetime(2026, 11, 13, 16, tzinfo=UTC))
    assert joined(last, as_of=date(2026, 11, 20))[1].fields["backup_age_days"] == 18  # nothing else has a date
    assert joined(last, event)[1].fields["backup_age_days"] == 12
    done = Event(source=Source(row=7), event_id=10031, time=datetime(2026, 11, 10, 2, tzinfo=UTC))
    _, system = joined(last, event, done)
    assert system.fields["backup_age_days"] == 3
    assert system.source_of("backup_age_days").row == 7
    never = setting("LastBackupDateTime", "0001-01-01T00:00:00Z")
    assert joined(never, event)[1].fields["backup_age_days"] is None
    assert joined(setting("LastBackupDateTime", "XXXX"), event)[1].fields["backup_age_days"] is None
    future = Event(source=Source(), event_id=1, time=datetime(2099, 1, 1, tzinfo=UTC))
    assert joined(last, event, future)[1].fields["backup_age_days"] == 12


def test_the_local_address_is_compared_as_an_address(joined: Joined) -> None:
    def available(current: str, among: str) -> object:
        _, system = joined(setting("CurrentLocalIp", current), setting("AvailableLocalIps", among))
        return system.fields["local_ip_available"]

    assert available("192.168.40.10", "10.8.0.1, 192.168.40.10") is True
    assert available("192.168.40.1", "192.168.40.10,10.8.0.1") is False  # the beginning of another one
    assert available("FE80:0::1", "fe80::1") is True
    assert available("192.168.40.10", "") is None
    assert available("pbx", "192.168.40.10") is None


def test_what_a_limit_of_the_licence_leaves(joined: Joined) -> None:
    def left(most: Value, now: Value) -> object:
        return joined(setting("MaxSimCalls", most), setting("CallsActive", now))[1].fields["sim_calls_left"]

    assert (left(16, 3), left(16, 17)) == (13, -1)
    assert (left(0, 0), left(16, None), left(None, 3), left("16", 3)) == (None, None, None, None)


def test_a_hint_has_a_place(joined: Joined) -> None:
    _, system = joined(seen("license_not_commercial", True, 30))
    assert system.fields["license_not_commercial_hint"] is True
    assert system.source_of("license_not_commercial_hint").artifact == "rank30"


def test_settings_stand_under_their_names(joined: Joined) -> None:
    _, system = joined(
        setting("LocalIpValid", value=False),
        setting("KeepLogs", value=True, of="LoggingSettings"),
        seen("hosted_by_3cx", value=False),
    )
    assert system.get("SystemStatus.LocalIpValid") is False
    assert system.get("LoggingSettings.KeepLogs") is True
    assert system.get("hosted_by_3cx") is False
    assert system.source_of("SystemStatus.LocalIpValid").path == "LocalIpValid"


def test_counts(joined: Joined) -> None:
    _, system = joined(
        PhoneSeen(source=Source(), origin="xapi_users", mac="a" * 12, provision_type="stun", custom_template=True),
        PhoneSeen(source=Source(), origin="capture", ip="10.0.0.1", stun_used=True, stun_confidence=85),
        PhoneSeen(source=Source(), origin="xapi_users", mac="b" * 12, provision_type="sbc"),
        TrunkSeen(source=Source(), origin="xapi_trunks", number="10000", registered=False),
        Template(source=Source(), file="x.ph.xml", kind="phone", custom=True, from_pbx=True),
    )
    names = (
        "phones",
        "stun_phones",
        "custom_template_phones",
        "custom_templates",
        "custom_templates_in_use",
        "trunks",
        "trunks_down",
    )
    assert [system.fields[name] for name in names] == [3, 2, 1, 1, 1, 1, 1]


def test_templates_that_the_pbx_only_counts(joined: Joined) -> None:
    _, system = joined(setting("CustomTemplatesCount", 2, of="SystemHealthStatus"))
    assert (system.fields["custom_templates"], system.fields["custom_templates_in_use"]) == (2, 0)
    assert system.source_of("custom_templates").path == "CustomTemplatesCount"
    assert joined()[1].fields["custom_templates"] is None


def log(kind: str = "service_log", records: int = 10, **more: Any) -> LogCoverage:
    return LogCoverage(source=Source(artifact=f"{kind}.log"), kind=kind, records=records, **more)


@pytest.mark.parametrize(
    ("rows", "answer", "has_logs"),
    [
        ([log(levels={"info": 9, "trace": 1})], "yes", True),
        ([log(levels={"info": 10}), log(levels={"debug": 3})], "yes", True),
        ([log(levels={"info": 10}, has_sql_trace=True)], "yes", True),
        ([log(levels={"info": 9, "error": 1}), log("media_log", levels={"warn": 2})], "no", True),
        ([log(levels={"Weird": 10})], "no", True),
        ([log("ivr_log", levels=None)], "unknown", True),
        ([log("server_status_log", levels={"info": 3, "warn": 1})], "unknown", True),  # levels of another time
        ([log(records=0, levels={})], None, False),
        ([log("unknown_log"), log("sbc_log", levels={"debug": 4})], None, True),
        ([log("syslog"), log("nginx_access_log"), log("dpkg_log")], None, False),
        ([], None, False),
        ([setting("LoggingLevel", "Verbose", of="LoggingSettings")], "yes", False),
        ([setting("LoggingLevel", 2, of="LoggingSettings"), log(levels={"info": 1})], "no", True),
    ],
)
def test_verbose(joined: Joined, rows: list[LogCoverage | Setting], answer: str | None, has_logs: bool) -> None:
    _, system = joined(*rows)
    assert (system.value("verbose_logs"), system.fields["has_logs"]) == (answer, has_logs)


def test_the_signs_of_verbose_are_said(joined: Joined) -> None:
    _, system = joined(log(levels={"info": 9, "trace": 3, "debug": 2}, has_sql_trace=True))
    assert system.columns["verbose_logs"].source == Source(
        artifact="service_log.log", text="2 debug records, 3 trace records, SQL traces"
    )
    _, system = joined(log(levels={"info": 9}), setting("LoggingLevel", 2, of="LoggingSettings"))
    assert system.columns["verbose_logs"].source.text == "10 records in 1 logs, none below Info; LoggingLevel 2"


def test_firmware_is_compared_by_its_numbers(joined: Joined) -> None:
    def behind(mine: str | None, offered: str | None) -> object:
        row = PhoneSeen(
            source=Source(), origin="xapi_sip_devices", extension="105", firmware=mine, firmware_available=offered
        )
        return joined(row)[1].fields["firmware_behind"]

    assert behind("96.9.0.5", "96.86.0.75") == ["105: 96.9.0.5 < 96.86.0.75"]
    assert behind("96.86.0.75", "96.86.0.75") is behind("96.87.0.1", "96.86.0.75") is None  # a newer one was asked for
    assert behind(None, "96.86.0.75") is behind("96.86.0.75", None) is behind("10.1", "10.1.159.12") is None
    assert behind("v2", "v3") is None


@pytest.mark.parametrize(("first", "second"), [("a", "b"), ("b", "a")])
def test_of_two_bundles_the_one_with_newer_records_tells(joined: Joined, first: str, second: str) -> None:
    def bundle(root: str, version: str, day: int) -> list[SystemSeen | HostMetric]:
        place = Source(artifact=f"case.zip!/{root}.zip!/ExtraLogging/tcxSystemInfo_1.txt")
        load = Source(artifact=f"case.zip!/{root}.zip!/DbTables/tsdb.system.csv")
        return [
            SystemSeen(source=place, key="version", value=version, rank=80),
            HostMetric(source=load, time=datetime(2026, 11, day, tzinfo=UTC)),
        ]

    _, system = joined(*bundle(first, "20.0.8.1131", 1), *bundle(second, "20.0.9.995", 13))
    assert system.value("version") == "20.0.9.995"
    _, system = joined(*bundle(second, "20.0.9.995", 13), *bundle(first, "20.0.8.1131", 1))
    assert system.value("version") == "20.0.9.995"


@pytest.mark.parametrize(
    ("better", "other", "kept"),
    [
        ("Debian GNU/Linux 12", "linux", []),
        ("Linux", "Debian GNU/Linux 12", []),
        ("Debian GNU/Linux 12", "Windows", ["Windows"]),
    ],
)
def test_an_operating_system_in_other_words_is_no_contradiction(
    joined: Joined, better: str, other: str, kept: list[str]
) -> None:
    _, system = joined(seen("os", better, 80), seen("os", other, 60))
    assert [value for value, _ in system.columns["os"].also] == kept


@pytest.mark.parametrize(("whole", "left", "share"), [(0, 0, None), (4, 5, None), (4, 4, 100.0), (4, 0, 0.0)])
def test_a_share_of_nothing_is_unknown(joined: Joined, whole: int, left: int, share: float | None) -> None:
    _, system = joined(seen("memory_bytes", whole), seen("memory_free_bytes", left))
    assert system.fields["memory_free_pct"] == share
