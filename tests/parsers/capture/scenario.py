"""Small captures made in memory: SIP, RTP, STUN, TLS and DNS payloads with times, as pcap bytes, read by the parser."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass, field

from parsers.api import Sink, Tally
from parsers.capture.entry import CaptureParser
from parsers.facts.capture import Call, Registration, RtpStream, SipMessage, StunExchange
from parsers.facts.inventory import PhoneSeen
from parsers.facts.store import Facts
from parsers.facts.system import SystemSeen
from parsers.tree.member import Member

START = 1_794_500_000
PHONE = "192.0.2.21:5060"
PBX = "192.0.2.1:5060"
TRUNK = "198.51.100.9:5060"
TCX = "3CXPhoneSystem 20.0.8.1109 (1109)"
YEALINK = "Yealink SIP-T46S 66.85.0.5"


def sdp(
    address: str, *, payloads: str = "8 101", extra: str = "", media: str = "", proto: str = "RTP/AVP", version: int = 1
) -> str:
    """A session description for ``host:port``."""
    host, _, port = address.rpartition(":")
    return (
        f"v=0\no=- 7 {version} IN IP4 {host}\ns=-\nc=IN IP4 {host}\nt=0 0\nm=audio {port} {proto} {payloads}\n"
        f"a=rtpmap:101 telephone-event/8000\n{extra}{media}"
    )


def endpoint(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)


def ip(src: str, dst: str, payload: bytes, number: int, *, protocol: int) -> bytes:
    """An IPv4 packet."""
    addresses = socket.inet_aton(src), socket.inet_aton(dst)
    head = struct.pack(
        ">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), number & 0xFFFF, 0, 64, protocol, 0, *addresses
    )  # fmt: skip
    return head + payload


def udp(src: str, dst: str, payload: bytes, number: int) -> bytes:
    """An IPv4 packet with a UDP datagram."""
    (shost, sport), (dhost, dport) = endpoint(src), endpoint(dst)
    return ip(shost, dhost, struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload, number, protocol=17)


@dataclass
class Scenario:
    """Packets in the order in which they were added; ``at`` is in seconds from the start."""

    call_id: str = "call-1"
    caller: str = PHONE
    callee: str = PBX
    from_user: str = "101"
    to_user: str = "102"
    agents: dict[str, str] = field(default_factory=lambda: {PHONE: YEALINK, PBX: TCX})
    packets: list[tuple[float, str, str, bytes]] = field(default_factory=list)
    count: int = 0

    def send(self, at: float, src: str, dst: str, payload: bytes) -> None:
        """A UDP datagram."""
        self.packets.append((at, src, dst, payload))

    def icmp(self, at: float, reporter: str, src: str, dst: str, payload: bytes) -> None:
        """An ICMP error, port unreachable, about a datagram."""
        quoted = udp(src, dst, payload, 0)[:128]
        self.send(at, reporter, endpoint(src)[0], struct.pack(">BBHI", 3, 3, 0, 0) + quoted)

    def request(
        self, at: float, method: str, cseq: int = 1, *, to_tag: str = "", body: str = "", headers: str = "",
        branch: str | None = None, src: str | None = None, dst: str | None = None, from_tag: str = "a",
        uri: str | None = None, cseq_method: str | None = None,
    ) -> None:  # fmt: skip
        """A request of the dialog; from the callee where ``from_tag`` is ``b``."""
        back = from_tag == "b"
        src = src or (self.callee if back else self.caller)
        dst = dst or (self.caller if back else self.callee)
        users = (self.to_user, self.from_user) if back else (self.from_user, self.to_user)
        branch = branch or f"z9hG4bK{method}{cseq}{from_tag}"
        agent = f"User-Agent: {self.agents[src]}\n" if src in self.agents else ""
        contact = "" if "Contact" in headers else f"Contact: <sip:{users[0]}@{src}>\n"
        to = f"To: <sip:{users[1]}@example.com>" + (f";tag={to_tag}" if to_tag else "")
        kind = "" if not body or "Content-Type" in headers else "Content-Type: application/sdp\n"
        text = (
            f"{method} {uri or f'sip:{users[1]}@example.com'} SIP/2.0\nVia: SIP/2.0/UDP {src};branch={branch};rport\n"
            f"From: <sip:{users[0]}@example.com>;tag={from_tag}\n{to}\nCall-ID: {self.call_id}\n"
            f"CSeq: {cseq} {cseq_method or method}\n{contact}{agent}{headers}{kind}Content-Length: {len(body) + body.count(chr(10))}\n\n{body}"
        )
        self.send(at, src, dst, text.replace("\n", "\r\n").encode())

    def response(
        self, at: float, status: int, method: str = "INVITE", cseq: int = 1, *, to_tag: str = "b", body: str = "",
        headers: str = "", branch: str | None = None, src: str | None = None, dst: str | None = None,
        from_tag: str = "a", phrase: str = "Text",
    ) -> None:  # fmt: skip
        """A response; to a request of the caller unless ``from_tag`` is ``b``."""
        back = from_tag == "b"
        src = src or (self.caller if back else self.callee)
        dst = dst or (self.callee if back else self.caller)
        users = (self.to_user, self.from_user) if back else (self.from_user, self.to_user)
        branch = branch or f"z9hG4bK{method}{cseq}{from_tag}"
        agent = f"Server: {self.agents[src]}\n" if src in self.agents else ""
        kind = "Content-Type: application/sdp\n" if body else ""
        text = (
            f"SIP/2.0 {status} {phrase}\nVia: SIP/2.0/UDP {dst};branch={branch};rport={endpoint(dst)[1]};received={endpoint(dst)[0]}\n"
            f"From: <sip:{users[0]}@example.com>;tag={from_tag}\nTo: <sip:{users[1]}@example.com>;tag={to_tag}\n"
            f"Call-ID: {self.call_id}\nCSeq: {cseq} {method}\n{agent}{headers}{kind}"
            f"Content-Length: {len(body) + body.count(chr(10))}\n\n{body}"
        )
        self.send(at, src, dst, text.replace("\n", "\r\n").encode())

    def rtp(
        self, at: float, src: str, dst: str, packets: int, *, payload_type: int = 8, ssrc: int = 7, sequence: int = 1
    ) -> None:
        """Packets of 20 ms."""
        for n in range(packets):
            head = struct.pack(">BBHII", 0x80, payload_type, sequence + n & 0xFFFF, 160 * n, ssrc)
            self.send(at + n * 0.02, src, dst, head + bytes([0x55 + n % 7]) * 160)

    def answered(
        self, *, offer: str = "192.0.2.21:4000", answer: str = "192.0.2.1:10000", ack: bool = True, bye: float | None = 10,
        offer_extra: str = "", answer_extra: str = "", payloads: str = "8 101", answer_payloads: str = "8 101",
    ) -> None:  # fmt: skip
        """INVITE at 0, 180 at 0.1, 200 at 2, ACK, BYE of the caller."""
        self.request(0, "INVITE", body=sdp(offer, extra=offer_extra, payloads=payloads))
        self.response(0.1, 180)
        self.response(2, 200, body=sdp(answer, extra=answer_extra, payloads=answer_payloads))
        if ack:
            self.request(2.1, "ACK", to_tag="b", branch="z9hG4bKack")
        if bye is not None:
            self.request(bye, "BYE", 2, to_tag="b")
            self.response(bye + 0.01, 200, "BYE", 2)

    def pcap(self) -> bytes:
        """Classic pcap, Ethernet, IPv4, UDP, in order of time."""
        out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1)]
        for number, (at, src, dst, payload) in enumerate(sorted(self.packets, key=lambda p: p[0])):
            packet = udp(src, dst, payload, number) if ":" in src else ip(src, dst, payload, number, protocol=1)
            frame = b"\x02\0\0\0\0\1\x02\0\0\0\0\2\x08\0" + packet
            micro = round(at * 1_000_000)
            out.append(
                struct.pack("<IIII", START + micro // 1_000_000, micro % 1_000_000, len(frame), len(frame)) + frame
            )
        return b"".join(out)

    def read(self) -> Read:
        """What the parser makes of it."""
        return read(self.pcap())


@dataclass
class Read:
    """Facts, problems and the tally of one capture."""

    facts: Facts
    sink: Sink
    tally: Tally

    @property
    def call(self) -> Call:
        (only,) = self.facts.of(Call)
        return only

    @property
    def registration(self) -> Registration:
        (only,) = self.facts.of(Registration)
        return only

    @property
    def messages(self) -> list[SipMessage]:
        return self.facts.of(SipMessage)

    @property
    def streams(self) -> list[RtpStream]:
        return self.facts.of(RtpStream)

    @property
    def stun(self) -> list[StunExchange]:
        return self.facts.of(StunExchange)

    @property
    def phones(self) -> list[PhoneSeen]:
        return self.facts.of(PhoneSeen)

    def system(self, key: str) -> object:
        """The best value of a system column, null where nothing says it."""
        rows = [row for row in self.facts.of(SystemSeen) if row.key == key]
        return max(rows, key=lambda row: row.rank).value if rows else None


def read(data: bytes, name: str = "a.pcap") -> Read:
    """Run the parser over capture bytes."""
    facts = Facts()
    sink = Sink(artifact=name, add=facts.add)
    tally = CaptureParser().parse(Member.of_bytes(name, data), sink)
    return Read(facts, sink, tally)
