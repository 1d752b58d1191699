"""Detection with 50, 150 and all rules over the same case, and the time to load the compiled pack: processor seconds."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from analyzer.detect import run
from analyzer.pack import Pack, ir, load_pack
from analyzer.pack.folder import own_folder
from parsers.facts import Facts, Source
from parsers.facts.base import Row
from parsers.facts.capture import Call, Registration, RtpStream, SipMessage
from parsers.facts.inventory import Phone
from parsers.facts.log import Event, LogRecord
from parsers.facts.system import Setting

SIZES = (50, 150)
RUNS = 5
LOG_BYTES = 50_000_000
_BEGIN = datetime(2026, 11, 12, 9, tzinfo=UTC)


def measure(data: bytes) -> None:
    """Print the figures; ``data`` is a log of service records."""
    whole = load_pack()
    print(f"load the compiled pack and its scanner: {_median(lambda: load_pack().scanner()):.3f} s")
    facts = case()
    rows = sum(len(some) for some in facts.tables().values())
    for size in (*SIZES, len(whole.rules)):
        pack = subset(whole, size)
        scanner = pack.scanner()
        detected = _median(lambda pack=pack: run(pack, facts))  # type: ignore[misc]
        scanned = _median(lambda scanner=scanner: scanner.scan(data))  # type: ignore[misc]
        print(
            f"{size:>4} rules: {rows} rows judged in {detected:.3f} s; "
            f"{len(data) / 1e6:.0f} MB of log scanned in {scanned:.3f} s"
        )


def _median(what: Callable[[], object]) -> float:
    taken = []
    for _ in range(RUNS):
        started = time.process_time()
        what()
        taken.append(time.process_time() - started)
    return statistics.median(taken)


def subset(pack: Pack, size: int) -> Pack:
    """About every n-th rule of the pack, with what those rest on."""
    step = max(1, len(pack.rules) // size)
    names: set[str] = set()
    pending = [rule.name for rule in pack.rules[::step][:size]]
    while pending:
        name = pending.pop()
        if name not in names:
            names.add(name)
            joined = pack.by_name[name].correlation
            pending.extend(joined.rules if joined else ())
    rules = tuple(rule for rule in pack.by_name.values() if rule.name in names)
    patterns = tuple(
        msgspec.structs.replace(item, rules=kept) for item in pack.patterns if (kept := tuple(n for n in item.rules if n in names))
    )  # fmt: skip
    compiled = ir.Compiled(version=str(size), engine="", rules=rules, patterns=patterns, silenced=())
    return Pack(compiled, f"benchmark {size} {own_folder()}")


def case() -> Facts:
    """Rows of a busy case in which hardly anything is wrong."""
    facts = Facts()
    for row in _rows():
        facts.add(row)
    return facts


def _rows() -> Iterator[Row]:
    for number in range(20_000):
        time_ = _BEGIN + timedelta(seconds=number)
        here = Source(artifact="eventlog.csv", row=number + 1)
        yield Event(source=here, event_id=4097 + number % 200, time=time_, message="An event that says nothing")
        if number < 10_000:
            text = f"[Example.Service] Request {number} took 12 ms, connection to 192.0.2.{number % 250} kept"
            yield LogRecord(source=here, kind="service_log", time=time_, level="info", text=text)
            yield Setting(source=here, object=f"Users[{number % 500}]", name=f"Setting{number % 90}", value=number)
            yield SipMessage(source=here, time=time_, src="192.0.2.40:5060", dst="198.51.100.10:5060", method="INVITE", call_id=f"c{number}")  # fmt: skip
        if number < 2_000:
            yield Call(source=here, call_id=f"c{number}", start=time_, outcome="answered", final_status=200, transport="udp", caller="192.0.2.101:5060", callee="192.0.2.40:5060")  # fmt: skip
            for src, dst in (("192.0.2.101:9000", "192.0.2.40:9002"), ("192.0.2.40:9002", "192.0.2.101:9000")):
                yield RtpStream(source=here, src=src, dst=dst, ssrc=f"0x{number:08X}", packets=900, lost=0, expected=900, loss_pct=0.0)  # fmt: skip
        if number < 300:
            yield Phone(source=here, mac=f"805e0c{number:06x}", vendor="Example", model="T1", extensions=[str(number)])
            yield Registration(source=here, aor=f"{number}@example.com", client="192.0.2.101:5060", status="registered")
