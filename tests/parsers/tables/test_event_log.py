"""The event log and what its texts hold."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.facts.capture import SipMessage
from parsers.facts.inventory import PhoneSeen, Sbc, TrunkSeen
from parsers.facts.log import Event, Quality
from parsers.tables import event_log
from parsers.tables.event_log import PARSERS
from tests.parsers.config.reading import Result, read

HEADER = "timegenerated,eventid,message,source,severity"


def cell(value: object) -> str:
    return '"' + str(value).replace('"', '""') + '"'


def log(*rows: tuple[object, ...], header: str = HEADER, name: str = "eventlog.csv") -> Result:
    return read(PARSERS, header + "\n" + "".join(",".join(map(cell, row)) + "\n" for row in rows), name)


def trunk(minute: int, status: str, number: str = "10000") -> tuple[object, ...]:
    return (
        f"2026-11-12 09:{minute}:00.120000+00",
        4100,
        f"Trunk {number} has changed status to {status}",
        "SIP",
        "Info",
    )


def test_bundle_form() -> None:
    found = log(
        (
            "2026-11-12 08:00:01+00",
            10031,
            "A backup of your PBX has been successfully completed.",
            "Web Manager",
            "Error",
        ),
        trunk(14, "Unregistered"),
        trunk(20, "Registered"),
    )
    assert (found.kind, found.claim) == ("eventlog", 90)
    assert (found.tally.records, found.tally.understood, found.problems) == (3, 3, [])
    backup, first, last = found.of(Event)
    assert backup.raw_severity == "Error"
    assert backup.fields == {}
    assert first.source.row == 2
    assert first.source.time == "2026-11-12 09:14:00.120000+00"
    assert first.source.text == (
        "2026-11-12 09:14:00.120000+00,4100,Trunk 10000 has changed status to Unregistered,SIP,Info"
    )
    assert first.time == datetime(2026, 11, 12, 9, 14, 0, 120_000, tzinfo=UTC)
    assert (first.event_id, first.origin, first.fields) == (4100, "SIP", {"trunk": "10000", "status": "Unregistered"})
    (seen,) = found.of(TrunkSeen)
    assert (seen.origin, seen.number, seen.registered, seen.time) == ("event", "10000", True, last.time)


def test_console_form() -> None:
    text = (
        "\ufeffLevel,Event ID,Date & Time,Details,Source\r\n"
        'Warning,12290,2026-09-06 21:37:39Z,"The IP 198.51.100.23 has been\r\n blacklisted",SIP Server\r\n'
        "Info,4097,2026-09-06 21:40:00Z,Service started,SIP Server\r\n"
    )
    found = read(PARSERS, text, "export (3).csv")
    assert (found.claim, found.tally.records, found.tally.understood) == (90, 2, 2)
    first, second = found.of(Event)
    assert first.message == "The IP 198.51.100.23 has been\n blacklisted"
    assert (second.event_id, second.raw_severity, second.origin) == (4097, "Info", "SIP Server")
    assert second.time == datetime(2026, 9, 6, 21, 40, tzinfo=UTC)


def test_header_case_unknown_columns_and_byte_order_mark() -> None:
    found = log(
        ("2026-08-15 11:00:00+00", 4097, "Service started", "System", "Info", 1),
        header="\ufeffTimeGenerated,EventId,Message,Source,Severity,TenantId",
    )
    assert found.of(Event)[0].event_id == 4097
    assert (found.tally.records, found.tally.understood) == (1, 1)


def test_other_tables_are_not_claimed() -> None:
    assert read(PARSERS, "time,eventid\n", "x.csv").kind is None
    assert read(PARSERS, "a text, with eventid and message", "x.txt").kind is None
    assert read(PARSERS, "what,ever\n1,2\n", "eventlog.csv").claim == 30
    assert read(PARSERS, "what,ever\n1,2\n", "eventlog.csv").tally.unreadable


INVITE = (
    "Call from 198.51.100.66 could not be identified.\r\nINVITE sip:0034910009@203.0.113.77:5060 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 198.51.100.66:5071;branch=z9hG4bK-77a1\r\nFrom: \"Front, 'Desk'\" <sip:anna@198.51.100.66>;tag=1\r\n"
    "To: <sip:0034910009@203.0.113.77>\r\nCall-ID: abc@198.51.100.66\r\nCSeq: 1 INVITE\r\n"
    'Authorization: Digest username="231",realm="3CXPhoneSystem",nonce="n1",response="5f2ab3c4d5e6f70819a0b1c2d3e4f506"\r\n'
    "Content-Type: application/sdp\r\n\r\nv=0\r\nm=audio 4000 RTP/SAVP 8\r\n"
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:Wm9vbGl2ZXJLZXlNYXRlcmlhbDEyMzQ1Njc4OTA=\r\n"
)


def test_sip_in_a_cell_becomes_a_message_and_its_secrets_stay_inside() -> None:
    found = log(("2026-08-15 09:00:00+00", 30051, INVITE, "SIP Server", "Warning"))
    (message,) = found.of(SipMessage)
    assert (message.method, message.call_id, message.from_user) == ("INVITE", "abc@198.51.100.66", "anna")
    assert message.time == datetime(2026, 8, 15, 9, tzinfo=UTC)
    assert message.source.row == 1
    everything = repr(found.rows) + repr(found.problems)
    for secret in ("5f2ab3c4d5e6f70819a0b1c2d3e4f506", "Wm9vbGl2ZXJLZXlNYXRlcmlhbDEyMzQ1Njc4OTA="):
        assert secret not in everything
        assert secret in found.secrets
    (event,) = found.of(Event)
    assert event.fields["ip"] == "198.51.100.66"


def test_secrets_outside_of_sip_are_hidden_too() -> None:
    found = log(("2026-08-15 09:00:00+00", 50001, 'Login with Password="hunter2222" failed', "Web Manager", "Warning"))
    assert found.secrets == {"hunter2222"}
    assert "hunter2222" not in repr(found.rows)


def test_number_of_sip_messages_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_log, "SIP_LIMIT", 2)
    found = log(*[("2026-08-15 09:00:00+00", 30051, INVITE, "SIP Server", "Warning")] * 5)
    assert len(found.of(SipMessage)) == 2
    assert found.tally.records == 5


def test_quality() -> None:
    report = {
        "Reason": "No RTCP from 0555.", "MOS": "2.3",
        "Party1": {"Number": "104 Desk", "Codec": "PCMU", "MOSFromPBX": 2.3, "MOSToPBX": "4.1", "RxJitter": 38, "RxLost": "40",
                   "RxPackets": 460, "Duration": "61", "EndpointType": "TUNNEL", "UserAgent": "Yealink SIP-T46S 66.86.0.15",
                   "AddressStr": "198.51.100.9:5060"},
        "Party2": {"Number": "5551234", "Codec": "PCMU", "MOSFromPBX": 0, "MOSToPBX": "NaN", "RxPackets": 0, "RxLost": 0,
                   "UserAgent": "Asterisk PBX 18"},
    }  # fmt: skip
    found = log(("2026-08-15 09:00:00+00", 10034, json.dumps(report), "Quality", "Info"))
    first, second = found.of(Quality)
    assert (first.number, first.codec, first.mos, first.mos_from_pbx, first.mos_to_pbx) == (
        "104 Desk",
        "PCMU",
        2.3,
        2.3,
        4.1,
    )
    assert (first.rx_lost, first.rx_packets, first.loss_pct, first.rx_jitter, first.duration_s) == (
        40,
        460,
        8.0,
        38.0,
        61.0,
    )
    assert (first.endpoint_type, first.reason) == ("TUNNEL", "No RTCP from 0555.")
    assert (second.mos_from_pbx, second.mos_to_pbx, second.loss_pct, second.rx_packets) == (None, None, None, 0)
    (phone,) = found.of(PhoneSeen)
    assert (phone.origin, phone.extension, phone.vendor, phone.model, phone.firmware) == (
        "quality", "104", "Yealink", "T46S", "66.86.0.15",
    )  # fmt: skip
    assert phone.ip is None  # behind a tunnel
    assert found.tally.understood == 1


@pytest.mark.parametrize("message", ["", "no json", "[]", "{}", '{"Party1": 5}', "[" * 100_000, '{"MOS": 1e999}'])
def test_quality_that_is_none(message: str) -> None:
    found = log(("2026-08-15 09:00:00+00", 10034, message, "Quality", "Info"))
    assert found.of(Quality) == []
    assert (found.tally.records, found.tally.understood, len(found.of(Event))) == (1, 0, 1)


def test_a_device_is_kept_once() -> None:
    report = {"Party1": {"Number": "104", "UserAgent": "Yealink SIP-T46S 66.86.0.15", "AddressStr": "10.0.0.9:5060"}}
    found = log(*[("2026-08-15 09:00:00+00", 10034, json.dumps(report), "Quality", "Info")] * 3)
    assert [(phone.ip, phone.source.row) for phone in found.of(PhoneSeen)] == [("10.0.0.9", 1)]


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2)])
def test_a_device_bears_the_time_when_it_was_last_seen(order: tuple[int, ...]) -> None:
    report = {"Party1": {"Number": "104", "UserAgent": "Yealink SIP-T46S 66.86.0.15", "AddressStr": "10.0.0.9:5060"}}
    stamps = [*(f"2026-08-0{day} 09:00:00+00" for day in order), "no time"]
    found = log(*[(stamp, 10034, json.dumps(report), "Quality", "Info") for stamp in stamps])
    assert [phone.time for phone in found.of(PhoneSeen)] == [datetime(2026, 8, 3, 9, tzinfo=UTC)]


def test_sbc_and_trunk_states() -> None:
    found = log(
        (
            "2026-08-15 09:00:00+00",
            4102,
            "Trunk SBC 'Site' (203.0.113.9/10.0.0.5) has changed status to Down",
            "SBC / Tunnel",
            "",
        ),
        (
            "2026-08-15 08:00:00+00",
            4102,
            "Trunk SBC 'Site' (203.0.113.9/10.0.0.5) has changed status to Up",
            "SBC / Tunnel",
            "",
        ),
        trunk(14, "Registering"),
        trunk(15, "Unregistered", "My provider"),
    )
    (sbc,) = found.of(Sbc)
    assert (sbc.name, sbc.connected, sbc.public_ip, sbc.local_ip) == ("Site", False, "203.0.113.9", "10.0.0.5")
    (seen,) = found.of(TrunkSeen)
    assert (seen.number, seen.name, seen.registered) == (None, "My provider", False)


def test_broken_quotes_are_said_and_rows_stay_rows() -> None:
    text = (
        f'{HEADER}\n2026-08-15 09:00:00+00,105,"Lost Call in Queue Service (801) from Caller ID \'15" screen, big\'",Queue,Info\n'
        '2026-08-15 09:01:00+00,4097,"Service started,System,Info\n2026-08-15 09:02:00+00,4097,Service started,System,Info\n'
        "2026-08-15 09:03:00+00,4097\n"
    )
    found = read(PARSERS, text, "eventlog.csv")
    assert (found.tally.records, found.tally.understood) == (4, 3)
    assert found.of(Event)[0].fields["queue"] == "801"
    assert found.problems == [
        "quotes do not pair in row 1 and 1 more: split by its columns",
        "row 4 could not be split into the columns of the header",
    ]


def test_rows_without_time_or_id_are_not_understood() -> None:
    found = log(("", 4097, "Service started", "", ""), ("2026-08-15 09:00:00+00", "x", "Service started", "", ""))
    assert (found.tally.records, found.tally.understood, len(found.of(Event))) == (2, 0, 2)


def test_a_time_that_cannot_be_read_is_said() -> None:
    text = (
        "Level,Event ID,Date & Time,Details,Source\n"
        "Info,4097,2026-09-06 21:37:39Z,Service started,SIP\n"
        "Info,4097,9/6/2026 9:37:39 PM,Service started,SIP\n"
        "Info,4097,06.09.2026 21:37:39,Service started,SIP\n"
    )
    found = read(PARSERS, text, "events.csv")
    assert (found.tally.records, found.tally.understood) == (3, 1)
    assert [event.time is None for event in found.of(Event)] == [False, True, True]
    assert found.problems == ["no time can be read in row 2 and 1 more: '9/6/2026 9:37:39 PM' stands there"]


@pytest.mark.parametrize("newest_first", [False, True])
def test_of_each_kind_the_latest_become_rows(monkeypatch: pytest.MonkeyPatch, newest_first: bool) -> None:
    """A flood of one kind leaves the few of another, and the states of trunks that stand before it."""
    monkeypatch.setattr(event_log, "EACH_LIMIT", 3)
    flood = [trunk(minute, "Registered", "10001") for minute in range(11, 21)]
    rows = [trunk(10, "Unregistered"), ("2026-11-12 09:10:30+00", 4097, "Service started", "SIP", "Info"), *flood]
    found = log(*(rows[::-1] if newest_first else rows))
    assert (found.tally.records, found.tally.understood) == (12, 12)
    assert [(event.event_id, event.time.minute if event.time else None) for event in found.of(Event)] == (
        [(4100, 20), (4100, 19), (4100, 18), (4097, 10)]
        if newest_first
        else [(4097, 10), (4100, 18), (4100, 19), (4100, 20)]
    )
    assert found.problems == ["8 of 12 events are only counted: the limit is the latest 3 of each kind, 300000 in all"]
    assert {(seen.number, seen.registered) for seen in found.of(TrunkSeen)} == {("10000", False), ("10001", True)}


def test_kinds_without_number_are_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_log, "ROW_LIMIT", 5)
    found = log(*(("2026-11-12 09:00:00+00", number, "x", "SIP", "Info") for number in range(9)))
    assert (found.tally.records, found.tally.understood, len(found.of(Event))) == (9, 9, 5)


def test_long_messages_are_cut() -> None:
    found = log(("2026-08-15 09:00:00+00", 4097, "x" * 500_000, "System", "Info"))
    assert len(found.of(Event)[0].message) == event_log.MESSAGE_LIMIT


@given(st.binary(max_size=300))
def test_nothing_raises(data: bytes) -> None:
    read(PARSERS, HEADER.encode() + b"\n" + data, "eventlog.csv")
    read(PARSERS, data, "eventlog.csv")
