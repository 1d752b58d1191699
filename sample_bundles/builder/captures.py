"""What the captures of the sample cases hold; ``captures`` in ``case.yaml`` names these by their keys in `SCENARIOS`."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable

from sample_bundles.builder.wire import NAMESERVER, PBX, PROVIDER, PUBLIC, Dialog, Wire, register, sdp

PBX_SIP, PROVIDER_SIP = f"{PBX}:5060", f"{PROVIDER}:5060"
PROVIDER_AUDIO = f"{PROVIDER}:21400"
KNOWN = {PBX_SIP: f"{PUBLIC}:5060"}
"""What a PBX behind a router says of itself when it is set up well: its public address."""
CALLER = "15550123"

CERTIFICATE = base64.b64decode(
    "MIIBkTCCATegAwIBAgIBATAKBggqhkjOPQQDAjAcMRowGAYDVQQDDBFFeGFtcGxlIFNhbXBsZSBDQTAeFw0yNjA4MDEwMDAwMDBa"
    "Fw0yNjEwMzAwMDAwMDBaMCExHzAdBgNVBAMMFmhvbGx5YnJvb2suZXhhbXBsZS5jb20wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC"
    "AASD7IkUruqPA4MPekPGA5cvCCHi9Xd7h0OVzi499URyV+Hx0kzMrgUi/2m+yjTv97+R0XROD7wg+QUV09pwgMT6o2UwYzAhBgNV"
    "HREEGjAYghZob2xseWJyb29rLmV4YW1wbGUuY29tMB0GA1UdDgQWBBQMLKehTYHj1No/FwKx5wXR7dfnkTAfBgNVHSMEGDAWgBS+"
    "WUc+KOok9hqUI57U/qOhIDeTMDAKBggqhkjOPQQDAgNIADBFAiEAjYVilwjtOEZctqyo2gClt7Lfvbasgchr5hl1hG4vGvoCIA/e"
    "T7e8N+A4s4K28vEVbK8N1FSdZaSu8SSWlft28n7g"
)
"""Of hollybrook.example.com, valid from 1 August to 30 October 2026, issued by an example CA; its key was thrown away."""
ISSUER = base64.b64decode(
    "MIIBjjCCATOgAwIBAgIUSrCsAyVXsCFrNuYFqzU9bqL1H5YwCgYIKoZIzj0EAwIwHDEaMBgGA1UEAwwRRXhhbXBsZSBTYW1wbGUg"
    "Q0EwHhcNMjYxMTMwMTkyMjA3WhcNMzYxMTI3MTkyMjA3WjAcMRowGAYDVQQDDBFFeGFtcGxlIFNhbXBsZSBDQTBZMBMGByqGSM49"
    "AgEGCCqGSM49AwEHA0IABF5gOEnAiplGSs8cjQkTesgAwoxE8J7SG/+qH/nZj8XUlwNRCwp1kbcOjojPBC8HX4JLzVCv3EFGTdfr"
    "sGnB/W6jUzBRMB0GA1UdDgQWBBS+WUc+KOok9hqUI57U/qOhIDeTMDAfBgNVHSMEGDAWgBS+WUc+KOok9hqUI57U/qOhIDeTMDAP"
    "BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQCRa15W7iGckJi4zjRzpxsoO3J6yahWFuy9glnh0vO3KgIhAMD3cTB1"
    "91ziVZfc+LYiImkw9Zv1vf5eCGRsaEzI2jLl"
)


def _from_provider(wire: Wire, call_id: str, contacts: dict[str, str]) -> Dialog:
    register(wire, 0, contacts)
    return Dialog(wire, call_id, PROVIDER_SIP, PBX_SIP, CALLER, "442079460123", contacts)


def _to_provider(wire: Wire, call_id: str) -> Dialog:
    register(wire, 0, KNOWN)
    return Dialog(wire, call_id, PBX_SIP, PROVIDER_SIP, "442079460123", CALLER, KNOWN)


def one_way_audio() -> bytes:
    """The PBX writes its private address into Contact and SDP; the provider's audio never arrives."""
    wire = Wire()
    dialog = _from_provider(wire, "oneway-7f21@brightline.example", {})
    dialog.answer(sdp(PROVIDER_AUDIO), sdp(f"{PBX}:9044"), start=5, bye=25)
    wire.rtp(f"{PBX}:9044", PROVIDER_AUDIO, start=7.1, seconds=17, ssrc=0x31A20001)
    return wire.pcap()


def lost_ack() -> bytes:
    """The provider's ACK does not arrive: the PBX repeats its 200 and hangs up after 32 seconds."""
    wire = Wire()
    dialog = _from_provider(wire, "noack-41c9@brightline.example", {})
    answer = sdp(f"{PBX}:9050")
    dialog.answer(sdp(PROVIDER_AUDIO), answer, start=5, ack=False)
    for after in (0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5):
        dialog.response(7 + after, "200 OK", "INVITE", 1, body=answer)
    wire.rtp(f"{PBX}:9050", PROVIDER_AUDIO, start=7.1, seconds=31.9, ssrc=0x31A20002)
    wire.rtp(PROVIDER_AUDIO, f"{PBX}:9050", start=7.2, seconds=31.8, ssrc=0x77B10002)
    dialog.request(39.05, "BYE", 1, back=True, answered=True)
    dialog.response(39.1, "200 OK", "BYE", 1, back=True)
    return wire.pcap()


def codec_mismatch() -> bytes:
    """The trunk is told of G.729 only; the provider refuses."""
    wire = Wire()
    for number in range(3):
        at = 5 + 20 * number
        dialog = _to_provider(wire, f"codec-{number}@pbx") if not number else Dialog(
            wire, f"codec-{number}@pbx", PBX_SIP, PROVIDER_SIP, "442079460123", CALLER, KNOWN
        )  # fmt: skip
        dialog.request(at, "INVITE", 1, body=sdp(f"{PUBLIC}:{9060 + 2 * number}", "18 101"))
        dialog.response(at + 0.02, "100 Trying", "INVITE", 1)
        dialog.response(
            at + 0.1,
            "488 Not Acceptable Here",
            "INVITE",
            1,
            headers='Warning: 304 brightline.example "Media type not available"\n',
        )
        dialog.request(at + 0.11, "ACK", 1, answered=True)
    return wire.pcap()


def refused_fax() -> bytes:
    """The PBX turns an incoming call to T.38; the provider refuses and the call ends."""
    wire = Wire()
    dialog = _from_provider(wire, "fax-90aa@brightline.example", KNOWN)
    dialog.answer(sdp(PROVIDER_AUDIO), sdp(f"{PUBLIC}:9070"), start=5)
    wire.rtp(f"{PBX}:9070", PROVIDER_AUDIO, start=7.1, seconds=6, ssrc=0x31A20003)
    wire.rtp(PROVIDER_AUDIO, f"{PBX}:9070", start=7.2, seconds=6, ssrc=0x77B10003)
    image = f"v=0\no=3cxPS 5502 2 IN IP4 {PUBLIC}\ns=3cxPS Audio call\nc=IN IP4 {PUBLIC}\nt=0 0\nm=image 9072 udptl t38\na=T38FaxVersion:0\na=T38MaxBitRate:14400\n"
    dialog.request(12, "INVITE", 1, body=image, back=True, answered=True)
    dialog.response(12.1, "488 Not Acceptable Here", "INVITE", 1, back=True)
    dialog.request(12.12, "ACK", 1, back=True, answered=True)
    dialog.request(13.2, "BYE", 2, answered=True)
    dialog.response(13.25, "200 OK", "BYE", 2)
    return wire.pcap()


def no_digits() -> bytes:
    """An incoming call to the menu without telephone-event on either side, taken on a mirror port of both directions."""
    wire = Wire(copies=True)
    dialog = _from_provider(wire, "menu-13d0@brightline.example", KNOWN)
    dialog.answer(sdp(PROVIDER_AUDIO, "8"), sdp(f"{PUBLIC}:9080", "8"), start=5, bye=20)
    wire.rtp(f"{PBX}:9080", PROVIDER_AUDIO, start=7.1, seconds=12.5, ssrc=0x31A20004)
    wire.rtp(PROVIDER_AUDIO, f"{PBX}:9080", start=7.2, seconds=12.4, ssrc=0x77B10004)
    return wire.pcap()


def expired_certificate() -> bytes:
    """Two phones refuse the PBX's certificate on 5061."""
    wire = Wire()
    host = b"hollybrook.example.com"
    for number, phone in enumerate(("192.168.40.121:41022", "192.168.40.122:38110")):
        at, server = 1 + 3 * number, f"{PBX}:5061"
        name = struct.pack(">HHHBH", 0, len(host) + 5, len(host) + 3, 0, len(host)) + host
        hello = b"\3\3" + bytes([number]) * 32 + b"\0\0\4\xc0\x2b\xc0\x2f\1\0" + struct.pack(">H", len(name)) + name
        wire.tcp(at, phone, server, "S", seq=100)
        wire.tcp(at + 0.001, server, phone, "SA", seq=500, ack=101)
        wire.tcp(at + 0.002, phone, server, "A", seq=101, ack=501)
        first = _tls(22, _handshake(1, hello))
        wire.tcp(at + 0.003, phone, server, "PA", first, seq=101, ack=501)
        chain = b"".join(len(der).to_bytes(3) + der for der in (CERTIFICATE, ISSUER))
        reply = _tls(
            22, _handshake(2, b"\3\3" + b"\7" * 32 + b"\0\xc0\x2b\0") + _handshake(11, len(chain).to_bytes(3) + chain)
        )
        wire.tcp(at + 0.01, server, phone, "PA", reply, seq=501, ack=101 + len(first))
        alert = _tls(21, b"\2\x2d")
        wire.tcp(at + 0.02, phone, server, "PA", alert, seq=101 + len(first), ack=501 + len(reply))
        wire.tcp(at + 0.03, phone, server, "FA", seq=101 + len(first) + len(alert), ack=501 + len(reply))
    return wire.pcap()


def _tls(kind: int, body: bytes) -> bytes:
    return struct.pack(">BHH", kind, 0x0303, len(body)) + body


def _handshake(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3) + body


def unresolved_provider() -> bytes:
    """The name server says that the provider's name does not exist; phones go on registering."""
    wire = Wire()
    for number in range(4):
        for offset, (name, kind) in enumerate(
            (("_sip._udp.sip.brightline.example", 33), ("sip.brightline.example", 1))
        ):
            at, identity = 1 + 30 * number + offset * 0.05, 10 * number + offset
            labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
            asked = labels + struct.pack(">HH", kind, 1)
            ours = f"{PBX}:{40100 + identity}"
            wire.udp(at, ours, f"{NAMESERVER}:53", struct.pack(">HHHHHH", identity, 0x0100, 1, 0, 0, 0) + asked)
            wire.udp(at + 0.02, f"{NAMESERVER}:53", ours, struct.pack(">HHHHHH", identity, 0x8183, 1, 0, 0, 0) + asked)
    phone = Dialog(wire, "reg-101@phone", "192.168.40.121:5060", PBX_SIP, "101", "101")
    phone.request(2, "REGISTER", 1, headers="Expires: 120\n")
    phone.response(2.01, "200 OK", "REGISTER", 1, headers="Expires: 120\n")
    return wire.pcap()


def web_client_without_audio() -> bytes:
    """The web client and the PBX try all pairs of addresses; no check is ever answered."""
    wire = Wire()
    user = struct.pack(">HH", 6, 4) + b"ab:c" + struct.pack(">HHI", 0x24, 4, 0x6E0001FF)
    number = 0
    for tick in range(40):
        for src, dst in (
            (f"{PBX}:9090", "203.0.113.77:50112"),
            ("203.0.113.77:50112", f"{PBX}:9090"),
            (f"{PBX}:9090", "10.20.0.7:50112"),
        ):
            number += 1
            check = struct.pack(">HHI", 1, len(user), 0x2112A442) + number.to_bytes(12) + user
            wire.udp(1 + tick * 0.25, src, dst, check)
    return wire.pcap()


def scanner() -> bytes:
    """A scanner asks for extensions and is refused each time."""
    wire = Wire()
    for number in range(24):
        source = "203.0.113.200:5071"
        dialog = Dialog(wire, f"scan-{number}", source, PBX_SIP, str(100 + number), str(100 + number))
        wire.udp(1 + number * 0.5, source, PBX_SIP, _scan(number))
        dialog.response(1.01 + number * 0.5, "404 Not Found", "REGISTER", 1)
    return wire.pcap()


def _scan(number: int) -> bytes:
    user = 100 + number
    text = (
        f"REGISTER sip:{PUBLIC} SIP/2.0\nVia: SIP/2.0/UDP 203.0.113.200:5071;branch=z9hG4bK-REGISTER1a;rport\nMax-Forwards: 70\n"
        f"To: <sip:{user}@example.com>\nFrom: <sip:{user}@example.com>;tag=a1\nUser-Agent: friendly-scanner\nCall-ID: scan-{number}\n"
        f"CSeq: 1 REGISTER\nContact: <sip:{user}@203.0.113.200:5071>\nExpires: 60\nContent-Length: 0\n\n"
    )
    return text.replace("\n", "\r\n").encode()


SCENARIOS: dict[str, Callable[[], bytes]] = {
    scenario.__name__: scenario
    for scenario in (
        one_way_audio, lost_ack, codec_mismatch, refused_fax, no_digits, expired_certificate, unresolved_provider,
        web_client_without_audio, scanner,
    )
}  # fmt: skip
