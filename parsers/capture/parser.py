"""Packet captures: from the walker's notes to all rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from parsers.api import Sink, Tally
from parsers.capture import (
    call_facts,
    call_places,
    call_sdp_facts,
    capture_facts,
    device_facts,
    dns_facts,
    ice,
    idle_facts,
    leg_facts,
    nat_facts,
    refusals,
    registrations,
    renewals,
    rtp,
    stream_facts,
    stream_places,
    tcp_facts,
    tls_facts,
    trunk_facts,
    tunnel_facts,
)  # fmt: skip
from parsers.capture.address import host_of, is_private, join, split
from parsers.capture.calls import CallState, build_call, is_call, link_legs
from parsers.capture.content import Content
from parsers.capture.dhcp import DhcpReader
from parsers.capture.dns import DnsReader
from parsers.capture.dtls import DtlsReader
from parsers.capture.hosts import Hosts, read_hosts
from parsers.capture.media import fill_media, media_map, stream_row
from parsers.capture.message import note as remark
from parsers.capture.notes import Note, NoteKind, Walked, utc
from parsers.capture.peers import other_transactions, read_peers, unmask
from parsers.capture.phones import read_phones
from parsers.capture.rewrites import mark_rewrites
from parsers.capture.rtcp import RtcpReader
from parsers.capture.sip import parse_message
from parsers.capture.stun import (
    TOO_LARGE,
    Endpoint,
    StunReader,
    Surroundings,
    answered_clients,
    is_unreachable,
    kind_of,
    row_of,
    symmetric_clients,
)  # fmt: skip
from parsers.capture.tls import TlsReader
from parsers.capture.transactions import by_call, mark_repeats, transactions, unread_responses
from parsers.capture.walk import walk
from parsers.collecting import without_collecting
from parsers.facts.capture import Capture, RtpStream, SipMessage
from parsers.facts.system import SystemSeen
from parsers.tree.member import Member

MESSAGE_LIMIT = 200_000
"""SIP messages of one capture that are read; later ones are only counted by method and status."""
ERRORS_KEPT = 1000
"""ICMP errors about one pair of addresses of which times and frames are kept."""
KEEPALIVES_KEPT = 100_000
"""Keep-alives of one pair of addresses of which the times are kept."""
SECRET_LIMIT = 500
"""Messages with credentials or keys whose values are looked for in other files."""


def read_capture(member: Member, out: Sink) -> Tally:
    """Walk the packets, read what speaks SIP, STUN, DNS and TLS, then measure RTP with what SIP told."""
    content = Content.of(member)
    with without_collecting():
        reading = Reading(out)
        walked = walk(content, artifact=out.artifact, progress=out.progress, look=reading.read)
        tally = Tally(records=walked.capture.packets, understood=walked.understood, bytes=content.size)
        for problem in walked.problems:
            out.problem(problem)
        (Reading(out) if walked.afresh else reading).all(walked)
    return tally


class Reading:
    """One capture while its notes are read."""

    capture: Capture

    def __init__(self, out: Sink) -> None:
        self.out = out
        self.messages: list[SipMessage] = []
        self.requests: Counter[str] = Counter()
        self.responses: Counter[int] = Counter()
        self.unread = self.beyond = 0
        self.secrets: list[Iterable[str | None]] = []
        self.limit = MESSAGE_LIMIT
        self.stun = StunReader(out.artifact)
        self.dns = DnsReader(out.artifact)
        self.tls = TlsReader(out.artifact)
        self.rtcp = RtcpReader()
        self.dtls = DtlsReader(out.artifact)
        self.dhcp = DhcpReader(out.artifact)
        self.times = capture_facts.Times()
        self.talks: set[tuple[str, str]] = set()
        self.kinds: Counter[int] = Counter()
        self.keepalives: dict[tuple[str, str], list[int]] = {}
        self.unreachable: Counter[tuple[Endpoint, Endpoint]] = Counter()
        self.errors: dict[tuple[str, str], list[tuple[int, int]]] = {}
        self.handlers: dict[int, Callable[[Note], None]] = {
            NoteKind.SIP.value: self._sip,
            NoteKind.STUN.value: self.stun.read,
            NoteKind.DNS.value: self.dns.read,
            NoteKind.TLS.value: self.tls.read,
            NoteKind.DTLS.value: self.dtls.read,
            NoteKind.DHCP.value: self.dhcp.read,
            NoteKind.ICMP.value: self._icmp,
            NoteKind.RTCP.value: self.rtcp.read,
            NoteKind.KEEPALIVE.value: self._keepalive,
        }

    def all(self, walked: Walked) -> None:
        """Take the notes that are left, and emit all rows."""
        self.capture = walked.capture
        with without_collecting():
            self.read(walked.notes if walked.unseen is None else walked.unseen)
            self.finish(walked)

    def read(self, notes: Iterable[Note]) -> None:
        """Take the next notes in file order."""
        kinds, seen, talks, handlers = self.kinds, self.times.note, self.talks, self.handlers
        for note in notes:
            kind = note.kind
            kinds[kind._value_] += 1  # the number: an enum's member is hashed by a method in Python
            seen(note)
            if kind is not NoteKind.ICMP:
                talks.add((note.src, note.dst))
            handler = handlers.get(kind._value_)
            if handler is not None:
                handler(note)

    def _sip(self, note: Note) -> None:
        row = parse_message(
            note.payload,
            source=(self.out.artifact, note.frame),
            time=utc(note.time_ns) if note.time_ns else None,
            src=join(note.src, note.sport),
            dst=join(note.dst, note.dport),
            transport=note.transport,
            truncated=note.truncated,
            secret=self._secret,
        )
        if row is None:
            self.unread += 1
            return
        if note.unframed:
            remark(row, "unframed", value=True)
        if row.method is not None:
            self.requests[row.method] += 1
        elif row.status is not None:
            self.responses[row.status] += 1
        if len(self.messages) < self.limit:
            self.messages.append(row)
        else:
            self.beyond += 1

    def _secret(self, values: Iterable[str | None]) -> None:
        """Keep the first ones: none of them gets into a row, they are for other files that repeat them."""
        if len(self.secrets) < SECRET_LIMIT:
            self.secrets.append(values)

    def _keepalive(self, note: Note) -> None:
        times = self.keepalives.setdefault((join(note.src, note.sport), join(note.dst, note.dport)), [])
        if len(times) < KEEPALIVES_KEPT:
            times.append(note.time_ns)

    def _icmp(self, note: Note) -> None:
        self.stun.read(note)
        if is_unreachable(note) and note.icmp != TOO_LARGE:
            pair = ((note.src, note.sport), (note.dst, note.dport))
            self.unreachable[pair] += 1
            times = self.errors.setdefault((join(*pair[0]), join(*pair[1])), [])
            if len(times) < ERRORS_KEPT:
                times.append((note.time_ns, note.frame))

    def _say(self) -> None:
        self.say(self.out, self.messages, 0)

    def _say_streams(self, left_out: int, sinks: Sequence[Sink]) -> None:
        if not left_out:
            return
        for sink in sinks:
            sink.problem(
                f"{left_out} of the shortest RTP streams were left out: the limit is {rtp.STREAM_LIMIT} a capture"
            )

    def say(self, out: Sink, messages: Sequence[SipMessage], before: int) -> None:
        """What of the SIP could not be read as it should. ``before`` frames stand in other files."""
        if self.unread:
            out.problem(f"{self.unread} packets that look like SIP could not be read as SIP")
        broken = [m for m in messages if "malformed" in m.derived]
        if broken:
            reasons = Counter(str(m.derived["malformed"]) for m in broken)
            reason = min(reasons, key=lambda text: (-reasons[text], text))
            first = (broken[0].frame or 0) - before
            said = "1 SIP message is" if len(broken) == 1 else f"{len(broken)} SIP messages are"
            out.problem(f"{said} malformed: {reason} (first: frame {first})")
        if self.beyond:
            out.problem(
                f"only the first {self.limit} SIP messages were followed; {self.beyond} later ones are only counted"
            )

    def finish(self, walked: Walked) -> None:
        """Build and emit all rows."""
        capture, out, messages = self.capture, self.out, self.messages
        for secret in self.secrets:
            out.secret(secret)
        capture.sip_requests = dict(sorted(self.requests.items()))
        capture.sip_responses = {str(status): count for status, count in sorted(self.responses.items())}
        self._say()
        groups = by_call(messages)
        for group in groups.values():
            mark_repeats(group)
            mark_rewrites(group)
        for message in messages:
            out.add(message)
        hosts, unread = read_hosts(messages), unread_responses(messages)
        states = [
            build_call(call_id, group, capture.last, unread) for call_id, group in groups.items() if is_call(group)
        ]
        link_legs(states, hosts)
        unmask(hosts, states)
        registered = registrations.read_registrations(messages, unread)
        streams = walked.streams(media_map(states))
        self._say_streams(walked.left_out, [out])
        fill_media(states, streams)
        _derive(states, registered, hosts, capture.last)
        idle_facts.derive(states, messages, self.keepalives)
        device_facts.of_registrations(registered, hosts)
        device_facts.of_calls(states)
        device_facts.of_capture(capture, messages, registered)
        rows = [stream_row(stats, out.artifact, self.dtls.pairs, hosts, self.rtcp.by_ssrc) for stats in streams]
        device_facts.of_streams(rows)
        self._surroundings(states, registered, rows)
        self._measured(states, list(zip(rows, streams, strict=True)))
        tls_facts.derive(self.tls.rows(), hosts, one_sided=capture.one_sided)
        dns_facts.derive(self.dns.rows, messages, capture, walked.openings)
        self._emit(states, registered, rows, hosts)
        others = [(call_id, transactions(group)) for call_id, group in groups.items() if _has_other(group)]
        for transaction in other_transactions(others, hosts, capture.last):
            transaction.derived["capture_one_sided"] = capture.one_sided
            out.add(transaction)
        peers = read_peers(messages, hosts, states, registered)
        nat_facts.of_peers(peers, messages)
        for peer in peers:
            out.add(peer)
        self._stun(hosts, states, rows)
        openings = tcp_facts.rows(walked.openings, hosts, self.dns.rows, capture)
        for row in (*self.dns.rows, *self.dhcp.rows(), *openings, *tunnel_facts.rows(walked.tunnels, out.artifact)):
            out.add(row)
        self._describe(rows, states)

    def _measured(self, states: list[CallState], streams: stream_facts.Stats) -> None:
        stream_facts.derive(streams, states, self.capture, self.rtcp.by_ssrc)
        stream_facts.refused((row for row, _ in streams), states, self.errors)
        stream_places.place(streams, states, self.rtcp.by_ssrc)

    def _emit(
        self,
        states: list[CallState],
        registered: list[registrations.RegistrationState],
        rows: list[RtpStream],
        hosts: Hosts,
    ) -> None:
        for state in states:
            self.out.add(state.row)
        for registration in registered:
            self.out.add(registration.row)
        for row in (*rows, *self.tls.rows()):
            self.out.add(row)
        for seen in _system(hosts):
            self.out.add(seen)

    def _surroundings(
        self, states: list[CallState], registered: list[registrations.RegistrationState], rows: list[RtpStream]
    ) -> None:
        """What the rest of the capture says of a call, registration or stream: ICMP errors, and whether its peer lives."""
        capture = self.capture
        self.talks |= {(split(row.src)[0], split(row.dst)[0]) for row in rows}
        if capture.one_sided is None and self.talks:
            capture.one_sided = not any((dst, src) in self.talks for src, dst in self.talks)
        speaking = {src for src, _ in self.talks}
        errors = {(join(*src), join(*dst)): n for (src, dst), n in self.unreachable.items()}
        stream_places.errors([*rows, *(s.row for s in states), *(r.row for r in registered)], self.errors)
        for stream in rows:
            stream.derived["icmp_unreachable"] = errors.get((stream.src, stream.dst), 0)
        ends = [(s.row.derived, s.row.caller, s.row.callee) for s in states]
        ends += [(r.row.derived, r.row.client, r.row.registrar) for r in registered]
        for derived, src, dst in ends:
            derived["icmp_unreachable"] = errors.get((src or "", dst or ""), 0)
            derived["peer_seen"] = host_of(dst) in speaking
            derived["capture_one_sided"] = capture.one_sided

    def _stun(self, hosts: Hosts, states: list[CallState], rows: list[RtpStream]) -> None:
        named = {host.ip for host in hosts.by_ip.values() if host.version is not None}
        around = Surroundings(pbx=hosts.pbx | named, agents=set())
        for src, dst in {(message.src, message.dst) for message in self.messages}:
            if src is not None and dst is not None:
                around.sip_pairs.add(frozenset({_endpoint(src), _endpoint(dst)}))
        for host in hosts.by_ip.values():
            speaks = host.sent or host.ip in hosts.phones
            if speaks and host.ip not in around.pbx and host.ip not in hosts.scanners:
                around.agents.add(host.ip)
        for state in states:
            for _, sdp, _ in state.negotiation.seen:
                around.media |= {(m.host, m.port) for m in sdp.media if m.host and m.port}
        around.media |= {_endpoint(row.src) for row in rows}
        found = list(self.stun.found.values())
        symmetric, answered = symmetric_clients(found), answered_clients(found)
        by_phones = []
        pairs = []
        for asked in found:
            kind = kind_of(asked, around)
            row = row_of(asked, kind)
            row.derived["symmetric_nat"] = asked.client in symmetric
            row.derived["client_answered"] = asked.client[0] in answered
            self.dtls.fill(row, frozenset({asked.client, asked.server}))
            self.out.add(row)
            pairs.append((asked, row))
            if kind == "phone":
                by_phones.append(asked)
        ice.derive(pairs, rows, self.dtls.pairs, one_sided=self.capture.one_sided)
        for phone in read_phones(self.messages, hosts, by_phones):
            self.out.add(phone)

    def _describe(self, rows: list[RtpStream], states: list[CallState]) -> None:
        capture = self.capture
        capture.has_sip, capture.has_rtp = bool(self.messages), bool(rows)
        capture.has_tls_sip = any(
            split(end)[1] in {5061, 5090} for row in self.tls.rows() for end in (row.server, row.client)
        )
        capture.derived["has_dtls"] = bool(self.dtls.pairs)
        capture_facts.of_file(capture, self.messages, self.times, self.kinds)
        capture_facts.derive(capture, self.messages, states, rows)
        self.out.add(capture)


def _has_other(group: list[SipMessage]) -> bool:
    calls = {"INVITE", "ACK", "BYE", "CANCEL", "REGISTER", "PRACK", "UPDATE", "INFO"}
    return any(m.method is not None and m.method not in calls for m in group)


def _endpoint(address: str) -> Endpoint:
    host, port = split(address)
    return host, port or 0


def _system(hosts: Hosts) -> list[SystemSeen]:
    """The PBX's version as it says itself on the wire, and its address where that is a private one."""
    found: list[SystemSeen] = []
    for ip in sorted(hosts.pbx):
        host = hosts.by_ip[ip]
        shown = host.version_message
        if hosts.pbx_sure and shown is not None and not found:
            seen = SystemSeen(source=shown.source, key="version", value=host.version, rank=50, time=shown.time)
            found.append(seen)
        if is_private(ip) and not ip.startswith("127.") and host.agents:
            source = next(iter(host.agents.values())).source
            found.append(SystemSeen(source=source, key="local_ip", value=ip, rank=40))
    return found


def _derive(
    states: list[CallState],
    registered: list[registrations.RegistrationState],
    hosts: Hosts,
    capture_end: datetime | None,
) -> None:
    """Facts of calls and registrations that rest on their signalling: first of each, then of all beside each other."""
    for registration in registered:
        registrations.derive(registration, hosts, capture_end)
        renewals.derive(registration, capture_end)
    for state in states:
        call_facts.derive(state, hosts, capture_end)
        refusals.derive(state, capture_end)
        call_sdp_facts.derive(state)
        nat_facts.derive(state, hosts)
        call_places.place(state)
    call_facts.session_timers(states)
    trunk_facts.derive(states, registered)
    leg_facts.derive(states)
    refusals.judge(states)
    call_sdp_facts.media_habits(states)
