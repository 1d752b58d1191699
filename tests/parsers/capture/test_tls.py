from __future__ import annotations

import struct
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from parsers.capture.notes import Note, NoteKind
from parsers.capture.tls import TlsReader
from parsers.capture.x509 import read_certificate
from parsers.facts.capture import TlsSession

CLIENT, SERVER = ("192.0.2.21", 40000), ("192.0.2.1", 5061)
NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)


def der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = bytes([len(body)]) if len(body) < 128 else b"\x82" + len(body).to_bytes(2)
    return bytes([tag]) + size + body


def name(**parts: str) -> bytes:
    oids = {"CN": b"\x55\x04\x03", "O": b"\x55\x04\x0a"}
    return der(0x30, *(der(0x31, der(0x30, der(6, oids[k]), der(12, v.encode()))) for k, v in parts.items()))


def certificate(
    *, issuer: bytes, subject: bytes, until: bytes = b"261201000000Z", names: tuple[str, ...] = ()
) -> bytes:
    alternative = der(0x30, *(der(0x82, n.encode()) for n in names), der(0x87, bytes([192, 0, 2, 1])))
    extension = der(0xA3, der(0x30, der(0x30, der(6, b"\x55\x1d\x11"), der(4, alternative)))) if names else b""
    validity = der(0x30, der(0x17, b"251101000000Z"), der(0x17, until))
    algorithm = der(0x30, der(6, b"\x2a\x03"))
    tbs = der(0x30, der(0xA0, der(2, b"\2")), der(2, b"\1"), algorithm, issuer, validity, subject, der(0x30), extension)
    return der(0x30, tbs, algorithm, der(3, b"\0"))


CA, PBX = name(CN="Test CA"), name(CN="pbx.example.com", O="Example")
GOOD = certificate(issuer=CA, subject=PBX, names=("pbx.example.com", "*.sip.example.com"))


def record(*messages: tuple[int, bytes], kind: int = 22) -> bytes:
    body = b"".join(bytes([k]) + len(b).to_bytes(3) + b for k, b in messages)
    return struct.pack(">BHH", kind, 0x0303, len(body)) + body


def client_hello(host: str = "pbx.example.com") -> tuple[int, bytes]:
    sni = struct.pack(">HBH", len(host) + 3, 0, len(host)) + host.encode()
    extensions = struct.pack(">HH", 0, len(sni)) + sni
    return 1, b"\3\3" + b"r" * 32 + b"\0" + b"\0\2\x13\1" + b"\1\0" + len(extensions).to_bytes(2) + extensions


def server_hello(version: int | None = None) -> tuple[int, bytes]:
    extensions = struct.pack(">HHH", 43, 2, version) if version else b""
    return 2, b"\3\3" + b"r" * 32 + b"\0" + b"\x13\1\0" + len(extensions).to_bytes(2) + extensions


def chain(*certificates: bytes) -> tuple[int, bytes]:
    body = b"".join(len(c).to_bytes(3) + c for c in certificates)
    return 11, len(body).to_bytes(3) + body


def note(payload: bytes, *, back: bool = False, frame: int = 1) -> Note:
    src, dst = (SERVER, CLIENT) if back else (CLIENT, SERVER)
    time = int(NOON.timestamp()) * 1_000_000_000
    return Note(NoteKind.TLS, frame, time, src[0], src[1], dst[0], dst[1], "tcp", payload, truncated=False)


def read(*notes: Note) -> list[TlsSession]:
    reader = TlsReader("a.pcap")
    for each in notes:
        reader.read(each)
    return reader.rows()


def test_session() -> None:
    (row,) = read(note(record(client_hello())), note(record(server_hello(), chain(GOOD, GOOD)), back=True, frame=2))
    assert (row.client, row.server, row.sni, row.version) == (
        "192.0.2.21:40000", "192.0.2.1:5061", "pbx.example.com", "TLS 1.2",
    )  # fmt: skip
    assert row.cert_subject == "CN=pbx.example.com, O=Example"
    assert row.cert_not_before == datetime(2025, 11, 1, tzinfo=UTC)
    assert row.cert_not_after == datetime(2026, 12, 1, tzinfo=UTC)
    assert (row.alert, row.alert_by) == (None, None)
    assert row.derived == {
        "client_hello": True, "server_hello": True, "chain_length": 2, "offered_version": "TLS 1.2", "issuer": "CN=Test CA",
        "self_signed": False, "names": ["pbx.example.com", "*.sip.example.com", "192.0.2.1"], "name_mismatch": False,
        "days_left": 18.5, "expired": False, "not_yet_valid": False,
    }  # fmt: skip


def test_expired_and_self_signed_certificate_for_another_name() -> None:
    bad = certificate(issuer=PBX, subject=PBX, until=b"261112110000Z")
    (row,) = read(note(record(client_hello("other.example.com"))), note(record(server_hello(), chain(bad)), back=True))
    assert (row.derived["expired"], row.derived["self_signed"], row.derived["name_mismatch"]) == (True, True, True)


def test_version_1_3_hides_the_certificate() -> None:
    (row,) = read(note(record(client_hello())), note(record(server_hello(0x0304)), back=True))
    assert (row.version, row.cert_subject, row.derived["expired"]) == ("TLS 1.3", None, None)


def test_alert() -> None:
    alert = struct.pack(">BHHBB", 21, 0x0303, 2, 2, 48)
    (row,) = read(note(record(client_hello())), note(record(server_hello()), back=True), note(alert, frame=3))
    assert (row.alert, row.alert_by, row.sources["alert"].frame) == (48, "client", 3)


def alert(level: int, description: int) -> bytes:
    return struct.pack(">BHHBB", 21, 0x0303, 2, level, description)


def test_a_fatal_alert_counts_more_than_a_warning_before_it() -> None:
    hello, warning = note(record(client_hello())), alert(1, 112)
    (row,) = read(
        hello,
        note(warning + record(server_hello()), back=True),
        note(alert(2, 48), frame=3),
        note(alert(2, 40), frame=4),
    )
    assert (row.alert, row.alert_by, row.derived["alert_fatal"], row.sources["alert"].frame) == (48, "client", True, 3)
    (same,) = read(hello, note(warning + alert(2, 40), back=True))
    assert (same.alert, same.alert_by) == (40, "server")
    (warned,) = read(hello, note(warning, back=True), note(alert(1, 0), frame=3))
    assert (warned.alert, warned.alert_by, warned.derived["alert_fatal"]) == (112, "server", False)


def test_certificate_of_the_client_is_not_the_servers() -> None:
    own = chain(certificate(issuer=PBX, subject=PBX))
    (row,) = read(note(record(client_hello())), note(record(own), frame=3))
    assert (row.cert_subject, row.derived["chain_length"], "self_signed" in row.derived) == (None, None, False)
    (both,) = read(note(record(own), frame=2), note(record(server_hello(), chain(GOOD)), back=True, frame=5))
    assert (both.client, both.derived["issuer"], both.derived["self_signed"]) == (
        "192.0.2.21:40000",
        "CN=Test CA",
        False,
    )


def test_the_certificate_stands_in_a_packet_of_its_own() -> None:
    bad = chain(certificate(issuer=CA, subject=PBX, until=b"261112110000Z"))
    (row,) = read(
        note(record(client_hello())),
        note(record(server_hello()), back=True, frame=2),
        note(record(bad), back=True, frame=4),
    )
    assert [row.source_of(name).frame for name in ("expired", "self_signed", "server", "alert")] == [4, 4, 1, 1]


def test_a_hello_that_was_asked_for_again_is_the_same_connection() -> None:
    again = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
    kind, body = server_hello(0x0304)
    retry = kind, body[:2] + again + body[34:]
    hello = note(record(client_hello()))
    (row,) = read(hello, note(record(retry), back=True), hello, note(record(server_hello(0x0304)), back=True))
    assert (row.version, row.derived["server_hello"]) == ("TLS 1.3", True)
    assert (
        len(read(hello, note(record(retry), back=True), hello, note(record(server_hello(0x0304)), back=True), hello))
        == 2
    )


def test_highest_version_that_the_client_offers() -> None:
    kind, body = client_hello()
    versions = struct.pack(">HHB4H", 43, 9, 8, 0x0A0A, 0x0304, 0x0303, 0x0301)
    (row,) = read(note(record((kind, body[:41] + len(versions).to_bytes(2) + versions))))
    assert row.derived["offered_version"] == "TLS 1.3"
    (old,) = read(note(record((kind, b"\3\1" + body[2:]))))
    assert old.derived["offered_version"] == "TLS 1.0"


def test_names_that_differ_in_what_is_not_shown() -> None:
    def person(mail: bytes) -> bytes:
        return der(0x30, der(0x31, der(0x30, der(6, b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01"), der(22, mail))))

    other, own = (
        read_certificate(certificate(issuer=person(a), subject=person(b"b@example.com")))
        for a in (b"a@example.com", b"b@example.com")
    )
    assert other is not None
    assert own is not None
    assert (other.self_issued, own.self_issued) == (False, True)


def test_encrypted_alert_is_not_read() -> None:
    (row,) = read(note(record(client_hello())), note(struct.pack(">BHH", 21, 0x0303, 26) + b"x" * 26, back=True))
    assert row.alert is None


def test_new_connection_on_the_same_ports() -> None:
    assert len(read(note(record(client_hello())), note(record(client_hello()), frame=9))) == 2


def test_certificate_names() -> None:
    found = read_certificate(GOOD)
    assert found is not None
    assert [found.covers(h) for h in ("PBX.example.com", "a.sip.example.com", "a.b.sip.example.com", "192.0.2.1", "x.com")] == [
        True, True, False, True, False,
    ]  # fmt: skip


def test_common_name_counts_where_there_are_no_other_names() -> None:
    found = read_certificate(certificate(issuer=CA, subject=PBX))
    assert found is not None
    assert found.names == ["pbx.example.com"]


def test_damaged_certificates() -> None:
    for at in range(len(GOOD)):
        read_certificate(GOOD[:at])
        read_certificate(GOOD[:at] + b"\xff" + GOOD[at + 1 :])
    assert read_certificate(b"") is None


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    read(note(data), note(struct.pack(">BHH", 22, 0x0303, len(data)) + data, back=True))
    read_certificate(data)
    read_certificate(b"\x30" + data)
