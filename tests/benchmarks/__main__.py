"""``python -m tests.benchmarks [start] [bundle] [log] [rules] [capture] [--work DIR]``: prints what docs/performance.md records."""

from __future__ import annotations

import argparse
import io
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

from analyzer.pack import load_pack
from sample_bundles.builder import bundle
from sample_bundles.builder.site import Phone, Site
from tests.benchmarks import copies
from tests.benchmarks.capture_speed import compare
from tests.benchmarks.logs import FAULT, write_log, write_mix, write_zip
from tests.benchmarks.rules import LOG_BYTES as LOG_FOR_RULES
from tests.benchmarks.rules import measure
from tests.benchmarks.timing import TOOL, machine, show, side_by_side, versions

LOG_BYTES = 500_000_000
BUNDLE_BYTES = 5_000_000


def start(work: Path) -> None:
    """Start-up: help, and the smallest case with a compiled pack."""
    sample = work / "small.zip"
    _bundle(sample, logs=0)
    commands = {
        "python -c pass": (sys.executable, "-c", "pass"),
        "tcxtriage --help": (*TOOL, "--help"),
        "analyze, smallest bundle": _analyze(sample),
    }
    show(side_by_side(commands, runs=15))


def bundle_of_5_mb(work: Path) -> None:
    """A support bundle of 5 MB (packed)."""
    path = work / "bundle5.zip"
    _bundle(path, logs=BUNDLE_BYTES)
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(info.file_size for info in archive.infolist())
    print(f"bundle of {path.stat().st_size / 1e6:.1f} MB packed, {unpacked / 1e6:.1f} MB unpacked")
    show(side_by_side({"analyze, bundle": _analyze(path)}, runs=9))


def log(work: Path) -> None:
    """A log of 500 MB, plain and in a zip, beside ripgrep with one literal and with all literals and regexes of the pack."""
    plain, packed = work / "big.log", work / "big.zip"
    if not plain.exists():
        truth = write_log(plain, LOG_BYTES)
        write_zip(packed, plain)
        print(f"log: {truth.size / 1e6:.0f} MB, {truth.records} records, {truth.faults} faults")
    folder = copies.compiled(work) or copies.interpreted(work)
    commands = {"analyze, plain": copies.analyze(folder, plain), "analyze, zip": copies.analyze(folder, packed)}
    commands["analyze, plain, nothing compiled"] = copies.analyze(copies.interpreted(work), plain)
    if shutil.which("rg"):
        search = _search(work)
        commands["rg -c -F, one literal, plain"] = ("rg", "--no-config", "-c", "-F", FAULT, str(plain))
        commands["rg -c -f, plain"] = (*search.split(), str(plain))
        commands["unzip -p | rg -c -f"] = ("sh", "-c", f"unzip -p {packed} | {search}")
    measured = side_by_side(commands, runs=5)
    show(measured, [("analyze, plain", "rg -c -f, plain"), ("analyze, zip", "unzip -p | rg -c -f")])


def rules(work: Path) -> None:
    """Detection with 50, 150 and all rules."""
    path = work / "rules.log"
    if not path.exists():
        write_log(path, LOG_FOR_RULES)
    measure(path.read_bytes())


def capture(work: Path) -> None:
    """Captures of 1 GB, of SIP alone and of 1 MB, beside tshark and an empty libpcap loop."""
    compare(work, runs=3)


def mix(work: Path) -> None:
    """Logs of five grammars, 500 MB unpacked, in one zip."""
    path = work / "mix.zip"
    if not path.exists():
        print(f"mix: {write_mix(path, LOG_BYTES) / 1e6:.0f} MB")
    folder = copies.compiled(work) or copies.interpreted(work)
    commands = {"analyze, mix in a zip": copies.analyze(folder, path)}
    if shutil.which("rg"):
        commands["unzip -p | rg -c -f"] = ("sh", "-c", f"unzip -p {path} | {_search(work)}")
    show(side_by_side(commands, runs=3), [("analyze, mix in a zip", "unzip -p | rg -c -f")])


def _search(work: Path) -> str:
    """The command of ripgrep that looks for all literals and regexes of the pack, one a line of a file."""
    path = work / "patterns.txt"
    rows = (f"(?i:{p.expression})" if p.caseless else p.expression for p in load_pack().patterns)
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return f"rg --no-config --no-unicode -c -f {path}"


def _analyze(path: Path) -> tuple[str, ...]:
    return (*TOOL, "analyze", str(path), "--as-of", "2026-11-12", "--format", "json", "--quiet")


def _bundle(path: Path, logs: int) -> None:
    members = dict(bundle.files(Site(phones=tuple(Phone(extension=str(101 + n)) for n in range(20)))))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        if logs:
            with tempfile.TemporaryDirectory() as folder:
                big = Path(folder) / "x.log"
                write_log(big, logs * 5)
                data = big.read_bytes()
            # the share that packs to about the wanted size
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as probe:
                probe.writestr("x", data)
            keep = min(len(data), len(data) * logs // max(1, packed.tell()))
            archive.writestr("Logs/3CXCallFlow.1.log", data[:keep])


def main() -> None:
    """Run what is named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "what",
        nargs="*",
        choices=["start", "bundle", "log", "mix", "rules", "capture", []],
        help="which (default: all)",
    )
    parser.add_argument(
        "--work", type=Path, default=Path(tempfile.gettempdir()) / "tcxtriage-bench", help="folder for the data"
    )
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    print(machine())
    print(versions("rg", "unzip", "tshark"))
    for name, run in (
        ("start", start),
        ("bundle", bundle_of_5_mb),
        ("log", log),
        ("mix", mix),
        ("rules", rules),
        ("capture", capture),
    ):
        if not asked.what or name in asked.what:
            print(f"\n== {name}")
            run(asked.work)


if __name__ == "__main__":
    main()
