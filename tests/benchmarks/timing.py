"""Whole commands, measured from outside: wall time and peak memory, medians of several runs in turn."""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TOOL = (sys.executable, "-m", "analyzer")


@dataclass(frozen=True, slots=True)
class Measured:
    """Median seconds and highest resident memory (MB) of a command."""

    seconds: float
    peak_mb: float


def _once(command: Sequence[str]) -> tuple[float, float]:
    started = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    _, _, usage = os.wait4(child.pid, 0)
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def side_by_side(commands: Mapping[str, Sequence[str]], runs: int = 5) -> dict[str, Measured]:
    """Run all commands in turn, ``runs`` times after one warm-up each, so that they see the same machine."""
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            sample = _once(command)
            if turn:
                samples[name].append(sample)
    return {
        name: Measured(statistics.median(s for s, _ in taken), max(m for _, m in taken))
        for name, taken in samples.items()
    }


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


def own_peak_mb() -> float:
    """Highest resident memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
