"""``python -m tests.fuzz.make_corpus``: writes the seeds of each harness; what fuzzing found is kept beside them."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz.harnesses import LINKS, MESSAGES
from tests.parsers.capture import frames
from tests.parsers.capture.test_walk_differential import CORPUS as CAPTURES

FOLDER = Path(__file__).with_name("corpus")

INVITE = (
    b"INVITE sip:100@pbx.example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.21:5060;branch=z9hG4bK1;rport,SIP/2.0/TCP a.example.com\r\n"
    b'f: "A, B" <sip:21:secret@pbx.example.com>;tag=1\r\nt: <sip:100@pbx.example.com>\r\ni: 1@192.0.2.21\r\nCSeq: 1 INVITE\r\n'
    b'm: <sip:21@192.0.2.21;transport=tcp>;+sip.instance="<urn:uuid:00000000-0000-1000-8000-805e0c112233>";expires=60\r\n'
    b'Authorization: Digest username="21", realm="pbx", nonce="abc", uri="sip:x", response="0123456789abcdef0123456789abcdef"\r\n'
    b"User-Agent: Example\r\n Phone\r\nSession-Expires: 1800;refresher=uac\r\nReason: Q.850;cause=16\r\nc: application/sdp\r\nl: 52\r\n\r\n"
)
SDP = (
    b"v=0\r\no=- 1 2 IN IP4 192.0.2.21\r\ns=-\r\nc=IN IP4 192.0.2.21/127\r\nt=0 0\r\na=sendonly\r\nm=audio 12000/2 RTP/SAVP 0 8 101\r\n"
    b"c=IN IP6 2001:db8::1\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\n"
    b"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\na=inactive\r\na=rtcp:12001 IN IP4 192.0.2.21\r\n"
    b"a=candidate:1 1 UDP 2130706431 192.0.2.21 12000 typ host\r\na=fingerprint:sha-256 AA:BB\r\nm=image 9 udptl t38\r\na=T38FaxVersion:0\r\n"
)


def seeds() -> dict[str, list[bytes]]:
    """The seeds of each harness."""
    packet = frames.packet("192.0.2.21", 5060, "192.0.2.10", 5060, MESSAGES[0])
    layers = [packet if link == 1 else packet[14:] for link in LINKS]
    return {
        "walker": [*CAPTURES, *(_packets(number, layer) for number, layer in enumerate(layers)), _announced()],
        "sip": [b"\0" + data for data in (*MESSAGES, INVITE + SDP, INVITE.replace(b"\r\n", b"\n"), b"\r\n\r\nDB" + INVITE[:200])],
        "sdp": [b"\0" + SDP, b"\1" + SDP[:150], b"\0" + SDP.replace(b"\r\n", b"\n")],
        "tcp": [
            b"\0" + bytes(range(60)),
            b"\0" + bytes(range(255, 150, -3)),
            b"\1\0" + b"".join(bytes([0, at * 60, 60, 0x10]) + MESSAGES[1][at * 60 : at * 60 + 60] for at in range(4)),
            b"\1\2" + b"\0\0\x3f\x10" + bytes.fromhex("16030100fa010000f60303") + bytes(52),
            b"\1\0" + b"\0\0\x20\x10" + b"\x81\x7e\0\xa0" + MESSAGES[0][:28],
        ],
    }  # fmt: skip


def _announced() -> bytes:
    """Audio from an address that the harness takes for announced."""
    ends = "192.0.2.21", 5060, "192.0.2.10", 5060
    audio = [frames.packet(*ends, frames.rtp(n, n * 160), ident=n + 2) for n in range(4)]
    sent = [frames.packet(*ends, MESSAGES[0]), *audio]
    return frames.pcap(frames.Record(frames.T0 + n * 20_000_000, data) for n, data in enumerate(sent))


def _packets(link: int, layer: bytes) -> bytes:
    return bytes([link]) + 3 * (bytes([len(layer) & 255, 8 | len(layer) >> 8]) + layer)


def main() -> None:
    """Write all seeds."""
    for name, made in seeds().items():
        (FOLDER / name).mkdir(parents=True, exist_ok=True)
        for number, data in enumerate(made):
            (FOLDER / name / f"seed-{number:02}").write_bytes(data)


if __name__ == "__main__":
    main()
