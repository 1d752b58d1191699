"""What is read from packet captures. Columns and definitions are the report's contract."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Literal

from msgspec import field

from parsers.facts.base import Row


class Capture(Row, kw_only=True):
    """One capture file. Of files that are one capture (``continues``) the first one says what all of them tell.

    ``sip_requests`` counts requests by method, ``sip_responses`` responses by status, retransmissions included.
    ``one_sided``: nothing at all came back from anybody in the file.
    """

    table: ClassVar[str] = "capture"

    artifact: str
    packets: int = 0
    link_types: list[int] = field(default_factory=list)
    snaplen: int | None = None
    truncated_packets: int = 0
    first: datetime | None = None
    last: datetime | None = None
    duration_s: float | None = None
    duplicates: int = 0
    fragments: int = 0
    icmp_unreachable: int = 0
    dropped: int | None = None
    tz_offset_s: int | None = None
    clock_skew_s: float | None = None
    joined_messages: int = 0
    one_sided: bool | None = None
    has_sip: bool = False
    has_rtp: bool = False
    has_tls_sip: bool | None = False
    has_tunnel: bool | None = False
    sip_requests: dict[str, int] = field(default_factory=dict)
    sip_responses: dict[str, int] = field(default_factory=dict)
    derived: dict[str, Any] = field(default_factory=dict)


class SipMessage(Row, kw_only=True):
    """One SIP message (from a capture, or standing in a log or event cell). ``headers`` by canonical lower-case name.

    Bodies are not kept but for ``sdp`` (parsed, `parsers.capture.sdp.Sdp`); digest responses, nonces and keys never leave
    the parser. ``headers`` leaves out what has a column of its own. ``via_*`` is the topmost Via, ``via_last_host`` the host
    of the last one (where the request began), ``nonce_mark`` a checksum that tells challenges apart. ``derived``:
    docs/facts.md.
    """

    table: ClassVar[str] = "sip_message"

    time: datetime | None = None
    src: str | None = None
    dst: str | None = None
    transport: str = "udp"
    method: str | None = None
    status: int | None = None
    reason_phrase: str | None = None
    uri: str | None = None
    call_id: str | None = None
    cseq: int | None = None
    cseq_method: str | None = None
    branch: str | None = None
    from_user: str | None = None
    from_host: str | None = None
    from_tag: str | None = None
    to_user: str | None = None
    to_host: str | None = None
    to_tag: str | None = None
    contact: str | None = None
    user_agent: str | None = None
    server: str | None = None
    expires: int | None = None
    has_credentials: bool = False
    challenge_stale: bool | None = None
    realm: str | None = None
    warning: str | None = None
    reason: str | None = None
    via_received: str | None = None
    via_rport: int | None = None
    via_sent_by: str | None = None
    via_has_rport: bool = False
    via_count: int = 0
    via_last_host: str | None = None
    nonce_mark: int | None = None
    instance_mac: str | None = None
    content_type: str | None = None
    content_length: int | None = None
    body_length: int = 0
    truncated: bool = False
    retransmission: bool = False
    sdp: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    length: int = 0
    derived: dict[str, Any] = field(default_factory=dict)

    @property
    def artifact(self) -> str | None:
        """The artifact of its source."""
        return self.source.artifact

    @property
    def frame(self) -> int | None:
        """The frame of its source; null in a log."""
        return self.source.frame


class Call(Row, kw_only=True):
    """One Call-ID with an INVITE transaction."""

    table: ClassVar[str] = "call"

    call_id: str
    from_user: str | None = None
    to_user: str | None = None
    caller: str | None = None
    callee: str | None = None
    transport: str | None = None
    start: datetime | None = None
    answered: datetime | None = None
    end: datetime | None = None
    duration_s: float | None = None
    final_status: int | None = None
    outcome: Literal["answered", "busy", "declined", "cancelled", "rejected", "no_response", "incomplete"] = (
        "incomplete"
    )
    pdd_ms: float | None = None
    ring_ms: float | None = None
    answered_after_ms: float | None = None
    retransmissions: int = 0
    response_retransmissions: int = 0
    ack: Literal["ok", "mismatched", "missing"] | None = None
    end_by: Literal["caller", "callee"] | None = None
    reason: str | None = None
    media: Literal["both", "caller_only", "callee_only", "none"] | None = None
    hold_s: float | None = None
    encrypted: bool | None = None
    t38: Literal["offered", "accepted", "refused"] | None = None
    dtmf: list[dict[str, str]] = field(default_factory=list)
    user_agents: dict[str, str | None] = field(default_factory=dict)
    linked: list[str] = field(default_factory=list)
    derived: dict[str, Any] = field(default_factory=dict)


class RtpStream(Row, kw_only=True):
    """One (source, destination, SSRC) of RTP."""

    table: ClassVar[str] = "rtp_stream"

    src: str
    dst: str
    ssrc: str
    call_id: str | None = None
    signalled: bool = False
    encrypted: bool | None = None
    codec: str | None = None
    packets: int = 0
    lost: int | None = None
    expected: int | None = None
    loss_pct: float | None = None
    duplicates: int = 0
    out_of_order: int = 0
    restarts: int = 0
    jitter_mean_ms: float | None = None
    jitter_max_ms: float | None = None
    delta_max_ms: float | None = None
    ptime_ms: float | None = None
    mos: float | None = None
    dscp: int | None = None
    first: datetime | None = None
    last: datetime | None = None
    derived: dict[str, Any] = field(default_factory=dict)


class Registration(Row, kw_only=True):
    """One (address of record, client IP)."""

    table: ClassVar[str] = "registration"

    aor: str
    user: str | None = None
    client: str | None = None
    registrar: str | None = None
    contact: str | None = None
    user_agent: str | None = None
    status: Literal["registered", "unregistered", "rejected", "no_response", "challenged", "unknown"] = "unknown"
    last_status: int | None = None
    attempts: int = 0
    failures: int = 0
    expires_s: int | None = None
    requests: int = 0
    derived: dict[str, Any] = field(default_factory=dict)


class StunExchange(Row, kw_only=True):
    """One (client, server, kind) of STUN."""

    table: ClassVar[str] = "stun_exchange"

    client: str
    server: str
    kind: Literal["turn", "ice", "keepalive", "media", "pbx", "phone", "unknown"] = "unknown"
    requests: int = 0
    answered: int = 0
    cookie: bool = True
    icmp_unreachable: int = 0
    first_frame: int | None = None
    mapped: list[str] = field(default_factory=list)
    derived: dict[str, Any] = field(default_factory=dict)


class TlsSession(Row, kw_only=True):
    """One TLS connection as far as it is readable."""

    table: ClassVar[str] = "tls_session"

    client: str
    server: str
    sni: str | None = None
    version: str | None = None
    cert_subject: str | None = None
    cert_not_before: datetime | None = None
    cert_not_after: datetime | None = None
    alert: int | None = None
    alert_by: Literal["client", "server"] | None = None
    time: datetime | None = None
    derived: dict[str, Any] = field(default_factory=dict)


class DnsQuery(Row, kw_only=True):
    """One DNS question and what came back."""

    table: ClassVar[str] = "dns_query"

    time: datetime | None = None
    client: str | None = None
    server: str | None = None
    name: str = ""
    qtype: str = ""
    rcode: str | None = None
    answers: list[str] = field(default_factory=list)
    elapsed_ms: float | None = None
    tries: int = 1
    derived: dict[str, Any] = field(default_factory=dict)


class TcpOpening(Row, kw_only=True):
    """All TCP connections that one client opened to one port of a server.

    ``attempts`` counts connections, ``syns`` their first segments with repeats, ``accepted`` those that the server agreed to.
    """

    table: ClassVar[str] = "tcp_opening"

    client: str
    server: str
    attempts: int = 0
    syns: int = 0
    accepted: int = 0
    first: datetime | None = None
    last: datetime | None = None
    derived: dict[str, Any] = field(default_factory=dict)


class DhcpExchange(Row, kw_only=True):
    """What one device asked DHCP for in one transaction, and what it was given (RFC 2131, RFC 2132).

    ``requests`` and ``discovers`` (those of them that look for a server) count with repeats. ``outcome`` is null where nothing came
    back. ``provisioning_host`` is the host of the server for its configuration, without a path, which may be a secret, and
    ``provisioning_option`` the option that names it; ``vlan`` is option 132.
    """

    table: ClassVar[str] = "dhcp"

    mac: str
    vendor_class: str | None = None
    hostname: str | None = None
    requests: int = 0
    discovers: int = 0
    servers: list[str] = field(default_factory=list)
    outcome: Literal["ack", "nak", "offer"] | None = None
    address: str | None = None
    provisioning_host: str | None = None
    provisioning_option: int | None = None
    vlan: int | None = None
    ntp: list[str] = field(default_factory=list)
    time: datetime | None = None
    last: datetime | None = None
    derived: dict[str, Any] = field(default_factory=dict)


class TunnelWay(Row, kw_only=True):
    """One direction of a TCP connection of a 3CX tunnel (port 5090).

    ``segments`` with payload, ``repeats`` of them that were sent again, ``repeats_pct`` their share; ``closed``: how often the
    sender let its receive window go to 0. ``round_trip_ms`` is the shortest way there and back (null where no acknowledgement
    was measured), ``round_trips`` how many were measured.
    """

    table: ClassVar[str] = "tunnel"

    sender: str
    receiver: str
    segments: int = 0
    repeats: int = 0
    repeats_pct: float | None = None
    closed: int = 0
    round_trip_ms: float | None = None
    round_trips: int = 0
    first: datetime | None = None
    last: datetime | None = None
    derived: dict[str, Any] = field(default_factory=dict)


class SipPeer(Row, kw_only=True):
    """What one IP address sent in SIP. ``role``: ``pbx``, ``trunk``, ``phone``, ``scanner``, null where nothing tells.

    ``requests`` counts by method without repeats, ``users`` how many different users it tried to register or call as,
    ``version`` is what a 3CX says of itself (believed only where `SystemSeen` repeats it). ``derived``: docs/facts.md.
    """

    table: ClassVar[str] = "sip_peer"

    ip: str
    role: Literal["pbx", "trunk", "phone", "scanner"] | None = None
    agents: list[str] = field(default_factory=list)
    version: str | None = None
    requests: dict[str, int] = field(default_factory=dict)
    users: int = 0
    first: datetime | None = None
    last: datetime | None = None
    derived: dict[str, Any] = field(default_factory=dict)


class SipTransaction(Row, kw_only=True):
    """One request outside calls and registrations (OPTIONS, SUBSCRIBE, NOTIFY, MESSAGE, PUBLISH, REFER …) and its end.

    ``status`` is the final response, null when none came; ``waited_s`` from the first sending to the final response, or to
    the end of the capture.
    """

    table: ClassVar[str] = "sip_transaction"

    method: str
    src: str | None = None
    dst: str | None = None
    transport: str = "udp"
    call_id: str | None = None
    user: str | None = None
    event: str | None = None
    status: int | None = None
    answered: bool = False
    retransmissions: int = 0
    waited_s: float | None = None
    time: datetime | None = None
    derived: dict[str, Any] = field(default_factory=dict)
