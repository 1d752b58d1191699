from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from parsers.config.live_export import PARSERS
from parsers.facts.block import Block
from parsers.facts.log import Audit, Event, LogCoverage, LogRecord, Quality
from tests.parsers.config.reading import Result, read


def listed(*rows: dict[str, Any], name: str = "export.json") -> Result:
    return read(PARSERS, json.dumps({"value": list(rows)}), name)


def test_event_text_is_filled_in() -> None:
    row = {
        "Id": 1, "EventId": 4100, "Type": "Info", "Source": "SIP", "TimeGenerated": "2026-11-12T09:14:00.12Z",
        "Message": "Trunk %1$s has changed status to %2$s, %3$s", "Params": ["10000", "Unregistered"],
    }  # fmt: skip
    event = listed(row).one(Event)
    assert (event.event_id, event.message) == (4100, "Trunk 10000 has changed status to Unregistered, %3$s")
    assert (event.time, event.raw_severity, event.fields) == (
        datetime(2026, 11, 12, 9, 14, 0, 120000, UTC), "Info", {"trunk": "10000", "status": "Unregistered"},
    )  # fmt: skip
    assert event.source.text == event.message


class Finds:
    """A scanner that finds one word."""

    def scan(self, data: bytes | memoryview) -> Sequence[int]:
        found, at = [], bytes(data).find(b"No space")
        while at >= 0:
            found.append(at)
            at = bytes(data).find(b"No space", at + 1)
        return found


def test_activity_log_keeps_what_the_signatures_want() -> None:
    rows = [
        {"Index": 1, "Message": "first\nNo spare", "TimeStamp": "2026-11-12T09:00:00Z"},
        {"Index": 2, "Message": "write failed:\nNo space left on device", "TimeStamp": "2026-11-12T09:00:01Z"},
        {"Index": 3, "Message": "last", "TimeStamp": "2026-11-12T09:00:02Z"},
    ]
    got = read(PARSERS, json.dumps({"value": rows}), scanner=Finds())
    record = got.one(LogRecord)
    assert (record.kind, record.text, record.local) == (
        "activity_log", "write failed:\nNo space left on device", False,
    )  # fmt: skip
    assert (record.source.path, record.time) == ("value[1]", datetime(2026, 11, 12, 9, 0, 1, tzinfo=UTC))
    cover = got.one(LogCoverage)
    assert (cover.records, cover.first, cover.last, cover.source.path) == (
        3, datetime(2026, 11, 12, 9, tzinfo=UTC), datetime(2026, 11, 12, 9, 0, 2, tzinfo=UTC), "value",
    )  # fmt: skip
    assert read(PARSERS, json.dumps({"value": rows})).of(LogRecord) == []


def test_audit_rows_are_changes_only_with_data() -> None:
    row = {
        "Timestamp": "2026-11-12T09:00:00Z",
        "UserName": "admin",
        "Ip": "198.51.100.7",
        "ObjectName": "105",
        "Action": 2,
    }
    got = listed(
        row | {"NewData": '{"AuthPassword": "Zz9-new-pass"}', "PrevData": 'VMPIN: "661144"'}, row | {"NewData": ""}
    )
    change = got.one(Audit)
    assert (change.user, change.ip, change.object_name) == ("admin", "198.51.100.7", "105")
    assert (change.action, change.changed, change.source.text) == ("2", True, '"ObjectName": "105"')
    assert (got.tally.records, got.tally.understood) == (2, 2)
    assert got.secrets == {"Zz9-new-pass", "661144"}
    assert "Zz9" not in repr(got.rows)


def test_blocked_addresses() -> None:
    row = {"IPAddrMask": "198.51.100.9/32", "BlockType": "Block", "AddedBy": "AutoBlacklist", "Id": 3}
    first, second = listed(
        row | {"Description": "User-Agent: friendly-scanner", "ExpiresAt": "2026-11-13T00:00:00Z"},
        row | {"BlockType": "Allow", "AddedBy": "Manual"},
    ).of(Block)
    assert (first.address, first.action, first.automatic, first.user_agent) == (
        "198.51.100.9", "deny", True, "friendly-scanner",
    )  # fmt: skip
    assert first.expires == datetime(2026, 11, 13, tzinfo=UTC)
    assert (second.action, second.automatic, second.user_agent) == ("allow", False, None)
    legacy = read(PARSERS, '{"list": [{"IpAddress": "198.51.100.9"}]}', "IpBlackList.json")
    assert (legacy.kind, legacy.one(Block).address, legacy.one(Block).action) == (
        "rest_ip_blacklist",
        "198.51.100.9",
        None,
    )


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("198.51.100.9/255.255.255.255", "198.51.100.9"),
        ("2001:db8::1/128", "2001:db8::1"),
        ("198.51.100.0/24", "198.51.100.0/24"),
        ("198.51.100.0/255.255.255.0", "198.51.100.0/255.255.255.0"),
    ],
)
def test_a_mask_of_one_address_is_left_out(written: str, address: str) -> None:
    (block,) = listed({"IPAddrMask": written, "BlockType": "Block", "AddedBy": "Manual"}).of(Block)
    assert block.address == address


def test_call_quality() -> None:
    party = {
        "Number": "104",
        "Codec": "PCMU",
        "MOSFromPBX": 2.3,
        "MOSToPBX": 0,
        "RxLost": 40,
        "RxPackets": 460,
        "RxJitter": "NaN",
    }
    got = read(PARSERS, json.dumps({"MOS": 0, "Party1": party, "Party2": {}, "Reason": "No RTCP"}))
    quality = got.one(Quality)
    assert (quality.number, quality.mos, quality.mos_from_pbx, quality.mos_to_pbx) == ("104", None, 2.3, None)
    assert (quality.rx_lost, quality.rx_packets, quality.loss_pct, quality.rx_jitter) == (40, 460, 8.0, None)
    assert (quality.reason, quality.source.path) == ("No RTCP", "Party1")
    event = {
        "EventId": 10034,
        "TimeGenerated": "2026-11-12T09:00:00Z",
        "Message": "%1$s",
        "Params": [json.dumps({"Party1": party})],
    }
    assert listed(event).one(Quality).mos_from_pbx == 2.3


def test_parameters() -> None:
    got = listed(
        {"Id": 1, "Name": "SIPDOMAIN", "Value": "pbx.example.com", "Description": ""},
        {"Id": 2, "Name": "WEBSERVERPASS", "Value": "plain-text-8", "Description": ""},
    )
    assert got.settings() == {"Parameters.SIPDOMAIN": "pbx.example.com"}
    assert got.secrets == {"plain-text-8"}


def test_firewall() -> None:
    got = read(
        PARSERS, json.dumps({"Html": "<p>testing port 5060... <b>full cone test failed</b></p>", "Running": False})
    )
    assert got.settings() == {"Firewall.Text": "testing port 5060... full cone test failed", "Firewall.Running": False}
    got = read(
        PARSERS,
        '{"@odata.context": "https://pbx.example.com/xapi/v1/$metadata#Edm.Boolean", "value": false}',
        "GetLastResult.json",
    )
    assert (got.kind, got.settings()) == ("xapi_firewall", {"Firewall.LastResult": False})


def test_backups() -> None:
    got = listed(
        {
            "FileName": "a.zip",
            "CreationTime": "2026-11-10T02:00:00Z",
            "Size": 5,
            "DownloadLink": "https://pbx.example.com/d/1",
        },
        {
            "FileName": "b.zip",
            "CreationTime": "2026-11-12T02:00:00Z",
            "Size": 6,
            "DownloadLink": "https://pbx.example.com/d/2",
        },
    )
    assert got.settings() == {
        "Backups.Count": 2,
        "Backups.Newest": "2026-11-12T02:00:00.000000Z",
        "Backups.NewestSize": 6,
    }


def test_small_objects() -> None:
    assert read(PARSERS, '{"KeepLogs": true, "KeepLogsDays": 14, "LoggingLevel": 3}').settings() == {
        "LoggingSettings.KeepLogs": True, "LoggingSettings.KeepLogsDays": 14, "LoggingSettings.LoggingLevel": 3,
    }  # fmt: skip
    got = read(
        PARSERS, '{"StunDisabled": false, "StunPrimaryHost": "stun.example.com", "PublicStaticIP": "203.0.113.5"}'
    )
    assert got.kind == "xapi_network_settings"
    assert got.seen() == {"public_ip": "203.0.113.5"}
    got = listed(
        {"Id": 4, "Name": "All", "Prefix": "", "Priority": 1, "NumberLengthRanges": "", "Routes": [{"Trunk": "x"}]}
    )
    assert got.settings()["OutboundRules[All].Prefix"] is None


def test_a_key_that_is_not_commercial_is_a_hint_only() -> None:
    got = read(PARSERS, '{"CanCreateTicket": false, "CreateTicketStatus": "KeyIsNotCommercial"}')
    assert got.seen() == {"license_not_commercial": True}


def test_unknown_exports_are_named_as_such() -> None:
    got = read(
        PARSERS, '{"@odata.context": "https://pbx.example.com/xapi/v1/$metadata#Playlists", "value": [{"A": 1}]}'
    )
    assert (got.kind, got.tally.records, got.tally.understood) == ("xapi_other", 1, 0)
    assert got.problems == ["a live export of a kind from which nothing is taken"]


def test_other_json_is_left_alone() -> None:
    assert read(PARSERS, '{"name": "demo", "version": 1}').kind is None
    assert read(PARSERS, "2026/11/12 10:14:00.118|0021|Trac| [x] {").kind is None
    assert read(PARSERS, '[{"Name": "a", "Value": "b"}]').kind is None


@pytest.mark.parametrize(
    "html",
    [
        (
            "<div>resolving 'stun.example.com'... <b>done</b><br/>testing 3CX PhoneSystem 01 SIP Server... <b>failed</b>"
            " (<a href='https://example.com/x'>How to resolve?</a>)<br>testing port 5060... <i>full cone test failed</i></div>"
        ),
        (
            "<span>resolving 'stun.example.com'... done</span> <span>testing 3CX PhoneSystem 01 SIP Server... failed How to"
            " resolve?</span>\n<span>testing&nbsp;port 5060... full&#32;cone test failed</span>"
        ),
    ],
)
def test_steps_of_the_firewall_checker_in_a_live_export(html: str) -> None:
    got = read(PARSERS, json.dumps({"Id": 1, "Html": html, "Running": False, "Stopping": False}), "Firewall.json")
    steps = got.of(LogRecord)
    assert [(row.fields["step"], row.fields["result"], row.fields["fault"]) for row in steps] == [
        ("resolving 'stun.example.com'", "done", False),
        ("testing 3CX PhoneSystem 01 SIP Server", "failed", False),
        ("testing port 5060", "full cone test failed", True),
    ]
    assert {(row.kind, row.source.path) for row in steps} == {("firewall_check", "Html")}
