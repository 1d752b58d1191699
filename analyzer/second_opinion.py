"""What tshark counts in the same captures: a second opinion on messages, calls and streams.

Only differences are said, with the reason where it is a known one. tshark sees the file alone, with a configuration of its
own, and for a limited time.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from msgspec import Struct, field

from parsers.facts import Facts
from parsers.facts.artifact import Artifact
from parsers.facts.capture import Call, Capture, RtpStream, StunExchange

TIME_LIMIT_S = 300
SAID_LIMIT = 200
"""Differences of one capture that are listed."""
LINE_LIMIT = 64 * 1024
_FIELDS = ("sip.Method", "sip.Status-Code", "sip.Call-ID", "sip.CSeq.method", "icmp.type", "icmpv6.type")
_BETWEEN = "|"
_STOPS = "tshark stops at the first packet of a flow that it takes for another protocol, such as STUN or T.38"

# 0.25  9.75  192.0.2.10 32108  198.18.4.32 14108 0x0CC18EF6  g711U  2246  4 (0.2%) …
_STREAM = re.compile(
    r"\s*[\d.]+\s+[\d.]+\s+(\S+)\s+(\d+)\s+(\S+)\s+(\d+)\s+0x([0-9A-Fa-f]{1,8})\s+\S.{0,200}?\s+(\d+)\s+(-?\d+) \(-?[\d.]+%\)"
)

StreamKey = tuple[str, str, str]
"""Source, destination and SSRC as the report has them."""


class ToolMissingError(Exception):
    """The tool of the second opinion is not installed; the text says how to get it."""


class Difference(Struct, frozen=True):
    """One count of which the two say otherwise; ``note`` is the reason, null where none is known.

    Both counts null: the capture was not compared, the note says why.
    """

    artifact: str
    tool: str
    what: str
    ours: int | None
    theirs: int | None
    note: str | None


class Counted(Struct):
    """What tshark counts in one capture. ``quoted`` are the messages among them that stand in ICMP errors."""

    messages: Counter[str] = field(default_factory=Counter)
    quoted: Counter[str] = field(default_factory=Counter)
    calls: set[str] = field(default_factory=set)
    calls_quoted: set[str] = field(default_factory=set)
    streams: dict[StreamKey, tuple[int, int]] = field(default_factory=dict)


def require(tool: str) -> None:
    """Raise `ToolMissingError` where the tool is not installed."""
    if shutil.which(tool) is None:
        raise ToolMissingError(
            f"{tool} is not installed, so there is no second opinion (it comes with Wireshark; Debian and Ubuntu: apt install tshark)."
        )


def second_opinion(artifacts: Sequence[Artifact], facts: Facts) -> list[Difference]:
    """Where tshark counts otherwise, capture by capture. Raises `ToolMissingError`."""
    require("tshark")
    out: list[Difference] = []
    for artifact in artifacts:
        if artifact.kind != "capture":
            continue
        if not Path(artifact.path).is_file():
            out.append(_not_compared(artifact.path, "it lies in an archive; tshark is given plain files only"))
            continue
        counted = count(Path(artifact.path))
        if isinstance(counted, str):
            out.append(_not_compared(artifact.path, counted))
            continue
        found = list(_differences(artifact.path, counted, facts))
        out += found[:SAID_LIMIT]
        if len(found) > SAID_LIMIT:
            left = f"{len(found) - SAID_LIMIT} further differences are left out"
            out.append(Difference(artifact.path, "tshark", "more", None, None, left))
    return out


def _not_compared(path: str, why: str) -> Difference:
    return Difference(path, "tshark", "not compared", None, None, why)


# ---- tshark


def count(path: Path) -> Counted | str:
    """What tshark counts in a capture, or why that is not known."""
    fields = [part for name in _FIELDS for part in ("-e", name)]
    command = ["tshark", "-n", "-r", str(path.resolve()), "-Y", "sip", "-T", "fields", *fields, "-E", "occurrence=a"]
    command += ["-E", f"aggregator={_BETWEEN}", "-z", "rtp,streams"]
    with tempfile.TemporaryDirectory(prefix="tcxtriage-") as home, tempfile.TemporaryFile() as out:
        # its own configuration: what the user set up in Wireshark must not change the counts
        environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": home, "WIRESHARK_CONFIG_DIR": home}
        try:
            ended = subprocess.run(  # noqa: S603 - a command of our own, no shell
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.DEVNULL,
                env=environment,
                timeout=TIME_LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"tshark took longer than {TIME_LIMIT_S} s"
        except OSError as error:
            return f"tshark could not be started: {error.strerror}"
        out.seek(0)
        counted, complete = _read(out)
    # a capture that is cut gives a status other than 0, and its counts all the same
    return counted if complete else f"tshark gave no result (exit status {ended.returncode})"


def _read(out: IO[bytes]) -> tuple[Counted, bool]:
    counted, statistics = Counted(), False
    while line := out.readline(LINE_LIMIT).decode("utf-8", "replace"):
        if "= RTP Streams =" in line:
            statistics = True
        elif not statistics:
            _take_message(line.rstrip("\r\n").split("\t"), counted)
        elif match := _STREAM.match(line):
            src, sport, dst, dport, ssrc, packets, lost = match.groups()
            key = _address(src, sport), _address(dst, dport), f"0x{int(ssrc, 16):08X}"
            before = counted.streams.get(key, (0, 0))
            counted.streams[key] = before[0] + int(packets), before[1] + int(lost)
    return counted, statistics


def _take_message(parts: list[str], counted: Counted) -> None:
    if len(parts) != len(_FIELDS):
        return
    methods, statuses, call_ids, orders = (part.split(_BETWEEN) if part else [] for part in parts[:4])
    in_error = bool(parts[4] or parts[5])
    for name in (*methods, *statuses):
        counted.messages[name] += 1
        counted.quoted[name] += in_error
    for call_id, order in zip(call_ids, orders, strict=False):
        if order == "INVITE":
            (counted.calls_quoted if in_error else counted.calls).add(call_id.strip())


def _address(host: str, port: str) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


# ---- comparison


def _differences(path: str, theirs: Counted, facts: Facts) -> Iterator[Difference]:
    captures = [row for row in facts.of(Capture) if row.artifact == path]
    duplicates = sum(row.duplicates for row in captures)
    ours: Counter[str] = Counter()
    for row in captures:
        ours.update(row.sip_requests)
        ours.update(row.sip_responses)
    for name in sorted(ours.keys() | theirs.messages.keys()):
        if ours[name] != theirs.messages[name]:
            note = _message_note(ours[name], theirs.messages[name], theirs.quoted[name], duplicates)
            yield Difference(path, "tshark", f"SIP {name}", ours[name], theirs.messages[name], note)
    begun = {str(row.derived["continues"]) for row in facts.of(Capture) if "continues" in row.derived}
    if path in begun or any("continues" in row.derived for row in captures):
        return  # calls and streams go on in other files, which tshark does not know
    calls = {row.call_id for row in facts.of(Call) if row.source.artifact == path}
    all_theirs = theirs.calls | theirs.calls_quoted
    if calls != all_theirs:
        yield Difference(path, "tshark", "calls", len(calls), len(all_theirs), _call_note(calls, theirs))
    yield from _streams(path, theirs, facts, duplicates)


def _message_note(ours: int, theirs: int, quoted: int, duplicates: int) -> str | None:
    if quoted and theirs - quoted == ours:
        return f"{quoted} of tshark's are quoted in ICMP errors, which are no traffic"
    if ours < theirs - quoted <= ours + duplicates:
        return (
            f"tshark counts the copies of a mirror port; this capture holds {duplicates}, here each packet counts once"
        )
    return None


def _call_note(ours: set[str], theirs: Counted) -> str:
    if ours == theirs.calls:
        return "the INVITEs of the others are quoted in ICMP errors only"
    known = theirs.calls | theirs.calls_quoted
    only = (("here", sorted(ours - known)), ("tshark's", sorted(known - ours)))
    return "; ".join(f"only {side}: {', '.join(ids[:3])}{' …' if len(ids) > 3 else ''}" for side, ids in only if ids)


def _streams(path: str, theirs: Counted, facts: Facts, duplicates: int) -> Iterator[Difference]:
    ours = {(row.src, row.dst, row.ssrc): row for row in facts.of(RtpStream) if row.source.artifact == path}
    tested = {frozenset((row.client, row.server)) for row in facts.of(StunExchange) if row.source.artifact == path}
    for key in sorted(ours.keys() | theirs.streams.keys()):
        row, (packets, lost) = ours.get(key), theirs.streams.get(key, (None, None))
        name = f"stream {key[0]}>{key[1]} {key[2]}"
        if row is None or packets is None:
            seen = row.packets if row else None
            note = _missing_note(row, packets, stun=frozenset(key[:2]) in tested)
            yield Difference(path, "tshark", f"{name} packets", seen, packets, note)
            continue
        if row.packets != packets:
            yield Difference(
                path, "tshark", f"{name} packets", row.packets, packets, _packet_note(row, packets, duplicates)
            )
        if row.lost != lost and lost is not None:
            copies = min(max(packets - row.packets, 0), duplicates)
            yield Difference(path, "tshark", f"{name} lost", row.lost, lost, _loss_note(row, lost, copies))


def _missing_note(row: RtpStream | None, packets: int | None, *, stun: bool) -> str | None:
    if row is None:
        few = packets is not None and packets < 10
        return "fewer than 10 packets are no stream here unless they are what an SDP announced" if few else None
    if not row.signalled:
        return "tshark takes as RTP only what an SDP in the capture announced"
    return _STOPS if stun else None


def _packet_note(row: RtpStream, theirs: int, duplicates: int) -> str | None:
    if row.packets < theirs <= row.packets + duplicates:
        return "tshark counts the copies of a mirror port"
    if theirs < row.packets:
        return _STOPS
    return None


def _loss_note(row: RtpStream, theirs: int, copies: int) -> str | None:
    if row.lost is None:
        return "telephone events only: their sequence numbers say nothing of loss"
    if row.restarts:
        return f"the sequence numbers start anew {row.restarts} times, which tshark takes for loss"
    if row.duplicates + copies and row.lost - row.duplicates - copies <= theirs < row.lost:
        return f"tshark takes the {row.duplicates + copies} packets that came twice off the loss"
    if row.out_of_order and abs(row.lost - theirs) <= row.out_of_order:
        return "packets came out of order: tshark counts from the first that arrived, not from the lowest number"
    return None
