"""What real SIP software does on the wire, read by the parser."""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from parsers.facts.capture import Capture, TlsSession
from tests.parsers.capture.scenario import Read, read
from tests.parsers.capture.sipp import (
    AUDIO,
    PBX,
    PHONE,
    STUN,
    TCX,
    YEALINK,
    Network,
    answer,
    get,
    missing,
    network,
    pause,
    play,
    scenario,
    sdp,
    send,
)  # fmt: skip

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("namespace")]

FIRST = "z9hG4bK-[pid]-[call_number]-first"
TO = "[peer_tag_param]"
TAKE = [get("INVITE"), answer("180 Ringing"), pause(200), answer("200 OK", body=sdp()), get("ACK")]
CALL = [
    send("INVITE", 1, body=sdp()),
    get(100, optional=True),
    get(180, optional=True),
    get(200),
    send("ACK", 1, to=TO),
]
HANG_UP = [send("BYE", 2, to=TO), get(200)]
HUNG_UP = [get("BYE"), answer("200 OK", tag="")]


@pytest.fixture
def net(tmp_path: Path) -> Iterator[Network]:
    why = missing("ss")
    if why:
        pytest.skip(why)
    with network(tmp_path) as made:
        yield made


def talk(net: Network, caller: list[str], callee: list[str], *options: str) -> Read:
    """One scenario against the other; both must end as planned."""
    uas = net.sipp(scenario(*callee), local=PBX, media=30000)
    net.listening(PBX, 5060)
    uac = net.sipp(scenario(*caller), *options, local=PHONE, remote=PBX, media=20000)
    net.done(uac, uas)
    return read(net.read())


def test_normal_call(net: Network) -> None:
    result = talk(net, [*CALL, play(AUDIO), pause(2500), *HANG_UP], [*TAKE, play(AUDIO), pause(1000), *HUNG_UP])
    row = result.call
    assert (row.outcome, row.final_status, row.ack, row.end_by, row.media) == ("answered", 200, "ok", "caller", "both")
    assert (row.from_user, row.to_user, row.transport, row.retransmissions) == ("101", "102", "udp", 0)
    assert row.duration_s is not None
    assert 2.3 < row.duration_s < 6
    assert row.user_agents == {"caller": YEALINK, "callee": TCX}
    assert {(s.src, s.dst, s.codec, s.lost) for s in result.streams} == {
        (f"{PHONE}:20000", f"{PBX}:30000", "PCMA", 0), (f"{PBX}:30000", f"{PHONE}:20000", "PCMA", 0),
    }  # fmt: skip
    assert [(p.ip, p.model, p.firmware) for p in result.phones] == [(PHONE, "T46S", "66.85.0.5")]
    assert result.system("version") == "20.0.8.1109"
    assert result.sink.problems == []


def test_one_way_audio(net: Network) -> None:
    row = talk(net, [*CALL, play(AUDIO), pause(2500), *HANG_UP], [*TAKE, *HUNG_UP]).call
    assert (row.outcome, row.media) == ("answered", "caller_only")
    assert row.derived["rtp_caller_packets"] >= 50
    assert (row.derived["rtp_callee_packets"], row.derived["both_ways"]) == (0, True)


def test_busy(net: Network) -> None:
    invite = send("INVITE", 1, body=sdp(), branch=FIRST)
    ack = send("ACK", 1, to=TO, branch=FIRST)
    headers = "Reason: Q.850;cause=17\n"
    row = talk(net, [invite, get(486), ack], [get("INVITE"), answer("486 Busy Here", headers=headers), get("ACK")]).call
    assert (row.outcome, row.final_status, row.reason, row.answered) == ("busy", 486, "Q.850;cause=17", None)


def test_cancel(net: Network) -> None:
    caller = [
        send("INVITE", 1, body=sdp(), branch=FIRST), get(180), pause(500), send("CANCEL", 1, branch=FIRST), get(200), get(487),
        send("ACK", 1, to=TO, branch=FIRST),
    ]  # fmt: skip
    refusal = (
        answer("487 Request Terminated", tag="")
        .replace("[last_CSeq:]", "CSeq: 1 INVITE")
        .replace("[last_To:]", "[last_To:];tag=B")
    )
    callee = [get("INVITE"), answer("180 Ringing"), get("CANCEL"), answer("200 OK"), refusal, get("ACK")]
    row = talk(net, caller, callee).call
    assert (row.outcome, row.final_status, row.end_by) == ("cancelled", 487, "caller")


def test_no_common_codec_is_refused(net: Network) -> None:
    invite = send("INVITE", 1, body=sdp(codec="18"), branch=FIRST)
    callee = [get("INVITE"), answer("488 Not Acceptable Here", headers='Warning: 305 x "codec"\n'), get("ACK")]
    row = talk(net, [invite, get(488), send("ACK", 1, to=TO, branch=FIRST)], callee).call
    assert (row.outcome, row.final_status) == ("rejected", 488)
    assert (row.derived["offer_refused_status"], row.derived["warning_code"], row.derived["offer_codecs"]) == (
        488,
        305,
        ["G729"],
    )


def test_hold_and_resume(net: Network) -> None:
    hold = [send("INVITE", 2, to=TO, body=sdp(extra="a=sendonly\n")), get(200), send("ACK", 2, to=TO), pause(1500)]
    resume = [send("INVITE", 3, to=TO, body=sdp()), get(200), send("ACK", 3, to=TO), pause(300)]
    held = [get("INVITE"), answer("200 OK", tag="", body=sdp(extra="a=recvonly\n")), get("ACK")]
    resumed = [get("INVITE"), answer("200 OK", tag="", body=sdp()), get("ACK")]
    end = [send("BYE", 4, to=TO), get(200)]
    row = talk(net, [*CALL, *hold, *resume, *end], [*TAKE, *held, *resumed, *HUNG_UP]).call
    assert row.hold_s is not None
    assert 1.4 < row.hold_s < 3
    assert (row.outcome, row.derived["reinvites"], row.derived["session_refreshed"]) == ("answered", 2, True)


def test_refused_fax(net: Network) -> None:
    fax = sdp(media="m=image [media_port] udptl t38").replace(
        "a=rtpmap:101 telephone-event/8000\n", "a=T38FaxVersion:0\n"
    )
    again = [
        send("INVITE", 2, to=TO, body=fax, branch=FIRST),
        get(488),
        send("ACK", 2, to=TO, branch=FIRST),
        pause(2500),
    ]
    refuse = [get("INVITE"), answer("488 Not Acceptable Here", tag=""), get("ACK")]
    row = talk(net, [*CALL, *again, send("BYE", 3, to=TO), get(200)], [*TAKE, *refuse, *HUNG_UP]).call
    assert (row.outcome, row.final_status, row.t38) == ("answered", 200, "refused")
    assert (row.derived["t38_status"], row.derived["t38_refusal_survived"]) == (488, True)


def test_dtmf_by_events(net: Network) -> None:
    keys = [step for key in "15" for step in (play(AUDIO.with_name(f"dtmf_2833_{key}.pcap")), pause(600))]
    row = talk(net, [*CALL, *keys, *HANG_UP], [*TAKE, *HUNG_UP]).call
    assert row.dtmf == [{"digits": "15", "method": "rfc4733", "from": "caller"}]


def test_dtmf_by_info(net: Network) -> None:
    kind = "application/dtmf-relay"
    press = [
        step for number, key in enumerate("9#", 2)
        for step in (send("INFO", number, to=TO, body=f"Signal={key}\nDuration=160\n").replace("application/sdp", kind), get(200), pause(200))
    ]  # fmt: skip
    taken = [get("INFO"), answer("200 OK", tag="")] * 2
    end = [send("BYE", 4, to=TO), get(200)]
    row = talk(net, [*CALL, *press, *end], [*TAKE, *taken, *HUNG_UP]).call
    assert row.dtmf == [{"digits": "9#", "method": "sip_info", "from": "caller"}]


def without_every_tenth(audio: Path, target: Path) -> None:
    """A capture of audio in which every tenth packet is left out."""
    data, kept, at, number = audio.read_bytes(), [], 24, 0
    while at < len(data):
        end = at + 16 + struct.unpack_from("<I", data, at + 8)[0]
        number += 1
        if number % 10:
            kept.append(data[at:end])
        at = end
    target.write_bytes(data[:24] + b"".join(kept))


def test_lost_packets(net: Network) -> None:
    holed = net.folder / "holed.pcap"
    without_every_tenth(AUDIO, holed)
    result = talk(net, [*CALL, play(holed), pause(2500), *HANG_UP], [*TAKE, play(AUDIO), pause(1000), *HUNG_UP])
    whole, lossy = sorted(result.streams, key=lambda row: row.lost or 0)
    assert (whole.src, whole.lost, whole.loss_pct) == (f"{PBX}:30000", 0, 0.0)
    lost = (lossy.packets - 1) // 9
    assert (lossy.src, lossy.lost) == (f"{PHONE}:20000", lost)
    assert lossy.packets >= 50
    assert lossy.loss_pct == round(100 * lost / (lossy.packets + lost), 2)


def test_large_invite_in_fragments(net: Network) -> None:
    large = [send("INVITE", 1, body=sdp(extra=f"a=x-padding:{'x' * 1800}\n")), *CALL[1:]]
    result = talk(net, [*large, *HANG_UP], [*TAKE, *HUNG_UP])
    (capture,) = result.facts.of(Capture)
    assert capture.fragments >= 2
    assert (result.call.outcome, result.call.ack, result.call.retransmissions) == ("answered", "ok", 0)
    assert sum(row.method == "INVITE" for row in result.messages) == 1


def test_expired_certificate(net: Network) -> None:
    why = missing("openssl")
    if why:
        pytest.skip(why)
    key, request, store = net.folder / "key.pem", net.folder / "request.pem", net.folder / "certificate.pem"
    name = "pbx.example.com"
    net.run("openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-subj", f"/CN={name}", "-out", str(request))  # fmt: skip
    # valid for a day that ended before this one began
    net.run("openssl", "x509", "-req", "-in", str(request), "-signkey", str(key), "-days", "-1", "-out", str(store))
    net.start(
        "openssl", "s_server", "-accept", f"{PBX}:5061", "-cert", str(store), "-key", str(key), "-tls1_2", "-quiet"
    )
    net.listening(PBX, 5061, tcp=True)
    client = ("openssl", "s_client", "-connect", f"{PBX}:5061", "-bind", PHONE, "-servername", name, "-verify_return_error", "-tls1_2")  # fmt: skip
    assert net.start(*client).wait(40) != 0
    (row,) = read(net.read()).facts.of(TlsSession)
    assert (row.server, row.sni, row.version, row.cert_subject) == (f"{PBX}:5061", name, "TLS 1.2", f"CN={name}")
    assert row.client.rpartition(":")[0] == PHONE
    assert row.derived["expired"] is True
    assert (row.alert, row.alert_by) in {(45, "client"), (48, "client")}


def test_silent_peer(net: Network) -> None:
    silent = f"import socket, time; s = socket.socket(type=socket.SOCK_DGRAM); s.bind(('{PBX}', 5060)); time.sleep(60)"
    net.start(sys.executable, "-c", silent)
    net.listening(PBX, 5060)
    uac = net.sipp(scenario(send("INVITE", 1, body=sdp()), get(200)), timeout=5, local=PHONE, remote=PBX, media=20000)
    uac.wait(40)
    row = read(net.read()).call
    assert (row.outcome, row.final_status) == ("no_response", None)
    assert row.retransmissions >= 2
    assert (row.derived["timer_b_expired"], row.derived["capture_one_sided"], row.derived["icmp_unreachable"]) == (
        False,
        True,
        0,
    )


def test_closed_port_answers_by_icmp(net: Network) -> None:
    uac = net.sipp(scenario(send("INVITE", 1, body=sdp()), get(200)), timeout=3, local=PHONE, remote=PBX, media=20000)
    uac.wait(40)
    row = read(net.read()).call
    assert (row.outcome, row.final_status) == ("no_response", None)
    assert row.derived["icmp_unreachable"] >= 1


def register(cseq: int, *, proof: bool = False, contact: str = "[local_ip]:[local_port]") -> str:
    headers = "[authentication]\nExpires: 120\n" if proof else "Expires: 120\n"
    return send("REGISTER", cseq, number="101", headers=headers, contact=contact)


CHALLENGE = 'WWW-Authenticate: Digest realm="3CXPhoneSystem", nonce="0a1b2c3d4e5f", algorithm=MD5\n'


def test_wrong_password(net: Network) -> None:
    caller = [register(1), get(401, auth=True), register(2, proof=True), get(403)]
    callee = [get("REGISTER"), answer("401 Unauthorized", headers=CHALLENGE), get("REGISTER"), answer("403 Forbidden")]
    result = talk(net, caller, callee, "-au", "101", "-ap", "wrong-password")
    row = result.registration
    assert (row.status, row.last_status, row.attempts, row.failures) == ("rejected", 403, 1, 1)
    assert row.derived["rejected_with_valid_digest"] is True
    assert "0a1b2c3d4e5f" not in repr(result.facts.tables())
    assert any(len(value) == 32 for value in result.sink.secrets)


def test_good_registration(net: Network) -> None:
    caller = [register(1), get(401, auth=True), register(2, proof=True), get(200)]
    accept = answer("200 OK", headers="[last_Contact:]\n").replace("Contact: <sip:[local_ip]:[local_port]>\n", "")
    callee = [get("REGISTER"), answer("401 Unauthorized", headers=CHALLENGE), get("REGISTER"), accept]
    row = talk(net, caller, callee, "-au", "101", "-ap", "x").registration
    assert (row.status, row.attempts, row.failures, row.expires_s) == ("registered", 1, 0, 120)
    assert row.derived["to_pbx"] is True


def test_stun_phone(net: Network) -> None:
    why = missing("turnserver", "stun")
    if why:
        pytest.skip(why)
    net.start(
        "turnserver", "-n", "-S", "-L", STUN, "-p", "3478", "--no-tls", "--no-dtls", "--no-cli", "--log-file", "stdout"
    )
    net.listening(STUN, 3478)
    net.run(
        "ip",
        "netns",
        "exec",
        net.name,
        "ip",
        "route",
        "replace",
        "local",
        "127.0.0.0/8",
        "dev",
        "lo",
        "src",
        PHONE,
        "table",
        "local",
    )
    net.start("stun", STUN, "1", "-p", "5060").wait(40)
    uas = net.sipp(scenario(get("REGISTER"), answer("200 OK", headers="Expires: 120\n")), local=PBX, media=30000)
    net.listening(PBX, 5060)
    net.done(net.sipp(scenario(register(1), get(200)), local=PHONE, remote=PBX, media=20000), uas)
    result = read(net.read())
    assert {s.kind for s in result.stun} == {"phone"}
    assert {s.cookie for s in result.stun} == {False}
    assert sum(s.answered for s in result.stun) >= 1
    (phone,) = result.phones
    assert (phone.ip, phone.stun_used, phone.stun_confidence, phone.stun_server) == (PHONE, True, 85, f"{STUN}:3478")


def test_answer_without_ack_is_repeated(net: Network) -> None:
    ok = answer("200 OK", body=sdp()).replace("<send>", '<send retrans="500">')
    uas = net.sipp(scenario(get("INVITE"), ok, get("BYE"), answer("200 OK", tag="")), local=PBX, media=30000)
    net.listening(PBX, 5060)
    caller = scenario(send("INVITE", 1, body=sdp()), get(200), pause(2500), *HANG_UP)
    net.done(net.sipp(caller, "-pause_msg_ign", local=PHONE, remote=PBX, media=20000), uas)
    row = read(net.read()).call
    assert (row.ack, row.outcome) == ("missing", "answered")
    assert row.response_retransmissions >= 2
    assert row.derived["ok_retransmitted"] == row.response_retransmissions
