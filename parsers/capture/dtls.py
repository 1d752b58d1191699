"""DTLS between media addresses, as far as it is readable: who began a handshake, and whether it was answered (RFC 6347)."""

from __future__ import annotations

from collections import Counter

from parsers.capture.address import join
from parsers.capture.notes import Note, utc
from parsers.capture.stun import Endpoint
from parsers.capture.tls import CLIENT_HELLO, SERVER_HELLO, dtls_handshake
from parsers.facts.base import Source
from parsers.facts.capture import StunExchange

Pair = frozenset[Endpoint]


class DtlsReader:
    """The pairs of addresses that spoke DTLS, and their hellos."""

    def __init__(self, artifact: str) -> None:
        self.artifact = artifact
        self.pairs: set[Pair] = set()
        self._hellos: Counter[tuple[Pair, int]] = Counter()
        self._first: dict[Pair, Source] = {}

    def read(self, note: Note) -> None:
        """Take a note of kind DTLS."""
        pair = frozenset({(note.src, note.sport), (note.dst, note.dport)})
        self.pairs.add(pair)
        kind = dtls_handshake(note.payload)
        if kind is None:
            return
        self._hellos[pair, kind] += 1
        if kind == CLIENT_HELLO and pair not in self._first:
            says = f"DTLS ClientHello {join(note.src, note.sport)} > {join(note.dst, note.dport)}"
            when = utc(note.time_ns).isoformat()
            self._first[pair] = Source(artifact=self.artifact, frame=note.frame, time=when, text=says)

    def fill(self, row: StunExchange, pair: Pair) -> None:
        """Say of a STUN exchange what DTLS there was between its addresses."""
        row.derived["dtls_client_hellos"] = self._hellos[pair, CLIENT_HELLO]
        row.derived["dtls_answered"] = self._hellos[pair, SERVER_HELLO] > 0
        if pair in self._first:
            row.sources["dtls_client_hellos"] = self._first[pair]
