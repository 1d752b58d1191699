"""Captures of the invented site: SIP, RTP, STUN, DNS and TLS as packets, written by scapy."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, field

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw
from scapy.utils import PcapWriter

START = 1_794_495_600
"""12 November 2026, 15:00 UTC: the hour of the sample logs."""
PBX = "192.168.40.10"
PUBLIC = "192.0.2.40"
PROVIDER = "198.51.100.9"
NAMESERVER = "192.168.40.1"
AGENTS = {PBX: "3CXPhoneSystem 20.0.9.995 (995)", PROVIDER: "Brightline SBC 4.2"}


@dataclass
class Wire:
    """Packets with their times, in seconds from `START`; ``pcap()`` sorts them."""

    packets: list[tuple[float, Packet]] = field(default_factory=list)
    copies: bool = False
    """Every packet is seen twice, as on a mirror port of both directions."""

    def udp(self, at: float, src: str, dst: str, payload: bytes) -> None:
        """A datagram from ``host:port`` to ``host:port``."""
        (shost, sport), (dhost, dport) = _split(src), _split(dst)
        self._ip(at, shost, dhost, UDP(sport=sport, dport=dport) / Raw(payload))

    def tcp(self, at: float, src: str, dst: str, flags: str, payload: bytes = b"", *, seq: int, ack: int = 0) -> None:
        """One segment."""
        (shost, sport), (dhost, dport) = _split(src), _split(dst)
        segment = TCP(sport=sport, dport=dport, flags=flags, seq=seq, ack=ack)
        self._ip(at, shost, dhost, segment / Raw(payload) if payload else segment)

    def rtp(
        self, src: str, dst: str, *, start: float, seconds: float, ssrc: int, payload_type: int = 8, first: int = 1
    ) -> None:
        """A stream of 20 ms packets."""
        for n in range(round(seconds * 50)):
            head = struct.pack(">BBHII", 0x80, payload_type, first + n & 0xFFFF, 160 * n, ssrc)
            self.udp(start + n * 0.02 + 0.0001, src, dst, head + bytes([0xD5 ^ n % 11]) * 160)

    def _ip(self, at: float, src: str, dst: str, inner: Packet) -> None:
        frame = (
            Ether(src="02:00:c0:00:00:01", dst="02:00:c0:00:00:02")
            / IP(src=src, dst=dst, id=len(self.packets) + 1)
            / inner
        )
        at += len(self.packets) * 37 % 997 / 1e6  # real clocks do not tick in whole milliseconds
        self.packets.append((at, frame))
        if self.copies:
            self.packets.append((at + 0.00002, frame))

    def pcap(self) -> bytes:
        """Classic pcap, Ethernet, microseconds."""
        out = io.BytesIO()
        out.close = lambda: None  # type: ignore[method-assign]  # the writer closes what it writes to
        writer = PcapWriter(out, linktype=1, nano=False)
        for at, packet in sorted(self.packets, key=lambda timed: timed[0]):
            packet.time = START + at
            writer.write(packet)
        return out.getvalue()


def _split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)


def sdp(address: str, payloads: str = "8 101", *, version: int = 1, lines: str = "") -> str:
    """A session description with one audio line at ``host:port``."""
    host, port = _split(address)
    return (
        f"v=0\no=3cxPS 5502 {version} IN IP4 {host}\ns=3cxPS Audio call\nc=IN IP4 {host}\nt=0 0\n"
        f"m=audio {port} RTP/AVP {payloads}\na=rtpmap:8 PCMA/8000\n"
        + ("a=rtpmap:101 telephone-event/8000\n" if "101" in payloads.split() else "")
        + lines
    )


@dataclass
class Dialog:
    """One SIP dialog over UDP between two ``host:port``; ``contacts`` are what a host writes of itself instead."""

    wire: Wire
    call_id: str
    caller: str
    callee: str
    from_user: str
    to_user: str
    contacts: dict[str, str] = field(default_factory=dict)

    def request(
        self, at: float, method: str, cseq: int, *, body: str = "", headers: str = "", back: bool = False, answered: bool = False,
        kind: str = "application/sdp",
    ) -> None:  # fmt: skip
        """A request; ``back``: of the callee. ``answered``: inside the dialog."""
        src, dst = (self.callee, self.caller) if back else (self.caller, self.callee)
        user, peer = (self.to_user, self.from_user) if back else (self.from_user, self.to_user)
        tags = (";tag=b1", ";tag=a1") if back else (";tag=a1", ";tag=b1" if answered else "")
        shown = self.contacts.get(src, src)
        self._send(
            at, src, dst,
            f"{method} sip:{peer}@{_split(dst)[0]} SIP/2.0\nVia: SIP/2.0/UDP {shown};branch=z9hG4bK-{method}{cseq}{'b' if back else 'a'};rport\n"
            f"Max-Forwards: 70\nContact: <sip:{user}@{shown}>\nTo: <sip:{peer}@example.com>{tags[1]}\nFrom: <sip:{user}@example.com>{tags[0]}\n"
            f"Call-ID: {self.call_id}\nCSeq: {cseq} {method}\nUser-Agent: {AGENTS.get(_split(src)[0], 'Yealink SIP-T54W 96.86.0.75')}\n",
            headers=headers, body=body, kind=kind,
        )  # fmt: skip

    def response(
        self, at: float, status: str, method: str, cseq: int, *, body: str = "", headers: str = "", back: bool = False
    ) -> None:
        """A response; ``back``: of the caller, to a request of the callee."""
        src, dst = (self.caller, self.callee) if back else (self.callee, self.caller)
        user, peer = (self.to_user, self.from_user) if back else (self.from_user, self.to_user)
        tags = ("b1", "a1") if back else ("a1", "b1")
        via = self.contacts.get(dst, dst)
        self._send(
            at, src, dst,
            f"SIP/2.0 {status}\nVia: SIP/2.0/UDP {via};branch=z9hG4bK-{method}{cseq}{'b' if back else 'a'};rport={_split(dst)[1]};received={_split(dst)[0]}\n"
            f"Contact: <sip:{peer}@{self.contacts.get(src, src)}>\nTo: <sip:{peer}@example.com>;tag={tags[1]}\nFrom: <sip:{user}@example.com>;tag={tags[0]}\n"
            f"Call-ID: {self.call_id}\nCSeq: {cseq} {method}\nServer: {AGENTS.get(_split(src)[0], 'Yealink SIP-T54W 96.86.0.75')}\n",
            headers=headers, body=body, kind="application/sdp",
        )  # fmt: skip

    def answer(self, offer: str, answer: str, *, start: float = 0, ack: bool = True, bye: float | None = None) -> None:
        """INVITE, 100, 180, 200, ACK and BYE of the caller."""
        self.request(start, "INVITE", 1, body=offer)
        self.response(start + 0.02, "100 Trying", "INVITE", 1)
        self.response(start + 0.3, "180 Ringing", "INVITE", 1)
        self.response(start + 2, "200 OK", "INVITE", 1, body=answer)
        if ack:
            self.request(start + 2.05, "ACK", 1, answered=True)
        if bye is not None:
            self.request(bye, "BYE", 2, answered=True)
            self.response(bye + 0.02, "200 OK", "BYE", 2)

    def _send(self, at: float, src: str, dst: str, head: str, *, headers: str, body: str, kind: str) -> None:
        content = body.replace("\n", "\r\n")
        typed = f"Content-Type: {kind}\n" if body else ""
        text = f"{head}{headers}{typed}Content-Length: {len(content)}\n\n".replace("\n", "\r\n")
        self.wire.udp(at, src, dst, (text + content).encode())


def register(wire: Wire, at: float, contacts: dict[str, str]) -> None:
    """The trunk's registration: asked for credentials, then accepted."""
    dialog = Dialog(wire, f"reg-{at}@pbx", f"{PBX}:5060", f"{PROVIDER}:5060", "442079460123", "442079460123", contacts)
    dialog.request(at, "REGISTER", 1, headers="Expires: 120\n")
    dialog.response(
        at + 0.03,
        "401 Unauthorized",
        "REGISTER",
        1,
        headers='WWW-Authenticate: Digest realm="example.com", nonce="5f1c"\n',
    )
    proof = 'Authorization: Digest username="442079460123", realm="example.com", nonce="5f1c", uri="sip:example.com", response="00000000000000000000000000000000"\n'
    dialog.request(at + 0.05, "REGISTER", 2, headers=f"{proof}Expires: 120\n")
    dialog.response(at + 0.08, "200 OK", "REGISTER", 2, headers="Expires: 120\n")
