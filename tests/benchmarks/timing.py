"""Whole commands, measured from outside: wall time and peak memory, medians of several runs in turn."""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TOOL = (sys.executable, "-m", "analyzer")


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians of wall and processor seconds, highest resident memory (MB), and of that what is no file in memory."""

    seconds: float
    peak_mb: float
    cpu_s: float
    private_mb: float


def _once(command: Sequence[str]) -> Measured:
    started = time.perf_counter()
    child = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=_environment()
    )
    ended = threading.Event()
    seen: dict[str, float] = {"VmHWM": 0.0, "RssAnon": 0.0}
    watch = threading.Thread(target=_watch, args=(child.pid, ended, seen))
    watch.start()
    _, _, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    ended.set()
    watch.join()
    # not ru_maxrss: that of a child is never less than what its parent had in memory when it began
    return Measured(seconds, seen["VmHWM"], usage.ru_utime + usage.ru_stime, seen["RssAnon"])


def _environment() -> dict[str, str]:
    """Ours, but compiled modules are kept: else every start would compile the program anew."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _watch(pid: int, ended: threading.Event, seen: dict[str, float]) -> None:
    """Note the highest resident and the highest anonymous memory of a process (MB), until it has ended."""
    status = Path(f"/proc/{pid}/status")
    while not ended.wait(0.01):
        try:
            text = status.read_text(encoding="utf-8")
        except OSError:
            return
        for line in text.splitlines():
            name, _, value = line.partition(":")
            if name in seen:
                seen[name] = max(seen[name], int(value.split()[0]) / 1024)


def side_by_side(commands: Mapping[str, Sequence[str]], runs: int = 5) -> dict[str, Measured]:
    """Run all commands in turn, ``runs`` times after one warm-up each, so that they see the same machine."""
    samples: dict[str, list[Measured]] = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            sample = _once(command)
            if turn:
                samples[name].append(sample)
    return {
        name: Measured(
            statistics.median(one.seconds for one in taken),
            max(one.peak_mb for one in taken),
            statistics.median(one.cpu_s for one in taken),
            max(one.private_mb for one in taken),
        )
        for name, taken in samples.items()
    }


def show(measured: Mapping[str, Measured], ratios: Sequence[tuple[str, str]] = ()) -> None:
    """Print a line for each command, and how the wall and processor times of pairs of them compare."""
    for name, one in measured.items():
        print(
            f"{name:<42} {one.seconds:7.3f} s wall {one.cpu_s:7.3f} s processor {one.peak_mb:6.0f} MB resident "
            f"{one.private_mb:6.0f} MB private"
        )
    for name, other in ratios:
        if name in measured and other in measured:
            one, two = measured[name], measured[other]
            print(f"{name} / {other}: {one.seconds / two.seconds:.2f} wall, {one.cpu_s / two.cpu_s:.2f} processor")


def versions(*tools: str) -> str:
    """The first line of what each tool that is there says of its version."""
    said = []
    for tool in tools:
        if shutil.which(tool):
            flag = "-v" if tool == "unzip" else "--version"
            run = subprocess.run([tool, flag], capture_output=True, text=True, check=False, timeout=60)
            said.append(run.stdout.partition("\n")[0].split(", by")[0].rstrip("."))
    return "; ".join(said)


def machine() -> str:
    """The machine in one line."""
    cpu = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as info:  # noqa: PTH123 - a pseudo file
            cpu = next((line.split(":", 1)[1].strip() for line in info if line.startswith("model name")), cpu)
    except OSError:
        pass
    cores = os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{cpu}, {cores} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}, CPython {platform.python_version()}"
