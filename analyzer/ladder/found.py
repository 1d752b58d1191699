"""Why there is nothing to list or draw: what the inputs hold instead of a capture, what a capture holds instead of calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from parsers.facts.artifact import Artifact
from parsers.facts.capture import Capture
from parsers.facts.store import Facts
from parsers.tree.unreadable import Unreadable

SHOWN = 5
NO_CAPTURE = "There is no packet capture in the input."


def could_not_look(unread: Sequence[Unreadable]) -> list[str]:
    """A line for each place that could not be looked into."""
    lines = [f"{item.path}: {item.reason}" for item in unread[:SHOWN]]
    return [*lines, f"{len(unread) - SHOWN} more could not be read"] if len(unread) > SHOWN else lines


def nothing_read(inputs: Iterable[str], artifacts: Sequence[Artifact]) -> str:
    """Why not one packet was read."""
    if artifacts:
        return "The capture holds no packet." if len(artifacts) == 1 else "The captures hold no packet."
    named = [item for item in inputs if "!/" in item]
    if named:
        return f"There is no packet capture {named[0]!r}; 'tcxtriage calls {named[0].partition('!/')[0]}' reads all of an archive."
    return NO_CAPTURE


def no_calls(facts: Facts, artifacts: Sequence[Artifact]) -> str:
    """Why captures with packets have no call."""
    captures = facts.of(Capture)
    packets = sum(artifact.records or 0 for artifact in artifacts)
    requests: Counter[str] = Counter()
    for capture in captures:
        requests.update(capture.sip_requests)
    read = f"{packets} packet{'s were' if packets != 1 else ' was'} read"
    if requests:
        methods = ", ".join(f"{method} {count}" for method, count in sorted(requests.items()))
        return f"{read}; there is SIP ({methods}), but no INVITE."
    if any(capture.has_sip for capture in captures):
        return f"{read}; there are SIP responses, but none to an INVITE."
    if any(capture.has_tls_sip for capture in captures):
        return f"{read}; SIP is inside TLS, which cannot be read."
    if any(capture.has_tunnel for capture in captures):
        return f"{read}; calls are inside a 3CX tunnel, which cannot be read."
    if any(capture.has_rtp for capture in captures):
        return f"{read}; there is audio (RTP), but no SIP: the capture was filtered, or taken where no SIP passes."
    return f"{read}; none of them is SIP."
