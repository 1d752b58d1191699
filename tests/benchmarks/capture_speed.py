"""Captures beside tshark and beside an empty libpcap loop, whole processes, in the same run.

Judged by processor time: a shared machine stretches the wall clock of all of them. The truth of what was generated is
compared with what each report says, so that nothing is fast by being wrong.
"""

from __future__ import annotations

import ctypes.util
import gzip
import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.benchmarks import copies
from tests.benchmarks.captures import Truth, write_media, write_signalling
from tests.benchmarks.timing import Measured, side_by_side

SMALL_BYTES = 1_000_000
EMPTY_LOOP = r"""
#include <stdio.h>

/* declared here, so that no headers of libpcap are needed */
struct pcap;
struct pcap_pkthdr;
struct pcap *pcap_open_offline(const char *, char *);
int pcap_loop(struct pcap *, int, void (*)(unsigned char *, const struct pcap_pkthdr *, const unsigned char *), unsigned char *);

static void count(unsigned char *packets, const struct pcap_pkthdr *header, const unsigned char *bytes)
{
    (void)header, (void)bytes;
    ++*(unsigned long *)packets;
}

int main(int argc, char **argv)
{
    char error[256];
    unsigned long packets = 0;
    struct pcap *capture = argc > 1 ? pcap_open_offline(argv[1], error) : NULL;
    if (capture == NULL || pcap_loop(capture, -1, count, (unsigned char *)&packets) < 0)
        return 1;
    printf("%lu\n", packets);
    return 0;
}
"""


def compare(work: Path, runs: int) -> None:
    """Print all figures; copies of the program and the generated captures stay in ``work``."""
    compiled, interpreted = copies.compiled(work), copies.interpreted(work)
    media, signalling, small = work / "media.pcap", work / "sip.pcap", work / "small.pcap"
    truths = {media: _made(media, write_media), signalling: _made(signalling, write_signalling)}
    with media.open("rb") as whole:
        small.write_bytes(whole.read(SMALL_BYTES))
    packed = _packed(media)
    loop = _empty_loop(work)
    for path, truth in (*truths.items(), (packed, truths[media]), (small, None)):
        print(f"\n{path.name}: {path.stat().st_size / 1e6:.0f} MB" + (f", {_said(truth)}" if truth else ""))
        commands: dict[str, tuple[str, ...]] = {}
        if compiled is not None:
            commands["analyze, compiled kernels"] = copies.analyze(compiled, path)
        if path in {media, small}:
            commands["analyze, interpreted kernels"] = copies.analyze(interpreted, path)
        if shutil.which("tshark"):
            commands["tshark"] = ("tshark", "-n", "-q", "-z", "sip,stat", "-z", "rtp,streams", "-r", str(path))
        if loop is not None and path != packed:
            commands["empty libpcap loop in C"] = (str(loop), str(path))
        elif shutil.which("tcpdump") and path != packed:
            commands["tcpdump -w /dev/null (no compiler: instead of a loop)"] = (
                "tcpdump",
                "-r",
                str(path),
                "-w",
                "/dev/null",
            )
        _print(side_by_side(commands, runs=runs))
        if truth is not None:
            for name in ("analyze, compiled kernels", "analyze, interpreted kernels"):
                if name in commands:
                    print(f"{name}: {_differences(commands[name], truth) or 'agrees with what was generated'}")


def _print(measured: Mapping[str, Measured]) -> None:
    others = [name for name in measured if not name.startswith("analyze")]
    for name, figures in measured.items():
        ratios = [f"{figures.cpu_s / measured[other].cpu_s:.2f} x {other}" for other in others if other != name]
        print(
            f"{name:<32} {figures.cpu_s:7.2f} s processor {figures.seconds:7.2f} s wall {figures.private_mb:6.0f} MB private "
            f"{figures.peak_mb:6.0f} MB resident" + (f"   = {', '.join(ratios)}" if name not in others else "")
        )


def _made(path: Path, write: Any) -> dict[str, Any]:
    """The truth of a capture, which is written if it is not there yet."""
    kept = path.with_suffix(".json")
    if not (path.exists() and kept.exists()):
        truth: Truth = write(path)
        kept.write_text(json.dumps(truth.as_dict()), encoding="utf-8")
    found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    return found


def _packed(path: Path) -> Path:
    """The same capture in gzip."""
    packed = path.with_name(f"{path.name}.gz")
    if not packed.exists() or packed.stat().st_mtime < path.stat().st_mtime:
        with path.open("rb") as plain, gzip.open(packed, "wb", compresslevel=1) as out:
            shutil.copyfileobj(plain, out, 1 << 20)
    return packed


def _said(truth: dict[str, Any]) -> str:
    messages = sum(truth["requests"].values()) + sum(truth["responses"].values())
    return f"{truth['packets']} packets, {truth['calls']} calls, {messages} SIP messages, {truth['streams']} streams"


def _differences(command: tuple[str, ...], truth: dict[str, Any]) -> str:
    """What a report says otherwise than the truth; empty where it agrees."""
    report = json.loads(subprocess.run(command, capture_output=True, check=False, timeout=3600).stdout)
    streams = report["streams"]
    jitters = [stream["jitter_mean_ms"] for stream in streams]
    found = {
        "packets": report["captures"][0]["packets"],
        "calls": len(report["calls"]),
        "failed": sum(call["outcome"] in ("busy", "rejected") for call in report["calls"]),
        "requests": report["sip"]["requests"],
        "responses": report["sip"]["responses"],
        "streams": len(streams),
        "rtp": sum(stream["packets"] for stream in streams),
        "lost": sum(stream["lost"] for stream in streams),
        "jitter_ms": round(sum(jitters) / len(jitters), 2) if jitters else 0.0,
        "stun_requests": sum(row["requests"] for row in report["stun_exchanges"]),
        "stun_answered": sum(row["answered"] for row in report["stun_exchanges"]),
    }
    wanted = truth | {"jitter_ms": round(truth["jitter_ms"], 2)}
    return "; ".join(
        f"{name}: {value} instead of {wanted[name]}" for name, value in found.items() if value != wanted[name]
    )


# ---- what runs


def _empty_loop(work: Path) -> Path | None:
    library, program = ctypes.util.find_library("pcap"), work / "empty_loop"
    if library is None or shutil.which("gcc") is None:
        return None
    command = ["gcc", "-O2", "-o", str(program), "-x", "c", "-", "-x", "none", f"-l:{library}"]
    built = subprocess.run(command, input=EMPTY_LOOP, text=True, capture_output=True, check=False, timeout=120)
    return program if built.returncode == 0 else None
