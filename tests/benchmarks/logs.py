"""Large logs in 3CX's service-log grammar, with a known number of records and faults."""

from __future__ import annotations

import random
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

FAULT = "No space left on device"
BLOCK_RECORDS = 20_000
_TEXTS = (
    "[Example.CallFlow] Call {a} routed to extension {b} by rule {c}",
    "[Example.Registrar] Contact of extension {b} refreshed from 192.0.2.{c}, expires in {a} s",
    "[Example.Media] Session {a} closed after {c} s, {a} packets sent",
    "CHR: [DBSaver] Executing SQL:\n                CALL public.sp_chr__save_example({a}, {b}, {c})",
    "CHR: [CallFlowParser] Processing Record: CallDBId={{{a}}}; PartyDnType={{ExternalLine}};",
    "[Example.Queue] Queue 800 has {c} waiting, agent {b} polled",
)
_SIP = (
    "[Example.Sip] Sent to 198.51.100.{c}:5060\nINVITE sip:{a}@sip.example.com SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.40:5060;branch=z9hG4bK{a}{b}{c};rport\r\nMax-Forwards: 70\r\n"
    "From: <sip:{b}@pbx.example.com>;tag={a}\r\nTo: <sip:{a}@sip.example.com>\r\nCall-ID: {a}{b}{c}\r\nCSeq: 1 INVITE\r\n"
    "Contact: <sip:{b}@192.0.2.40:5060>\r\nUser-Agent: 3CXPhoneSystem 20.0.9.995 (995)\r\nContent-Length: 0\r\n\r\n"
)
_LEVELS = ("Trac", "Trac", "Dbg", "Info", "Warn")


@dataclass(frozen=True, slots=True)
class LogTruth:
    """What stands in a generated log."""

    size: int
    records: int
    faults: int


def write_log(path: Path, size: int, *, fault_every: int = 2000, seed: int = 7) -> LogTruth:
    """Write at least ``size`` bytes of log; one record in ``fault_every`` says that the disk is full. Deterministic."""
    block, faults = _block(random.Random(seed), fault_every)
    written = blocks = 0
    with path.open("wb") as out:
        while written < size:
            minute = blocks % (24 * 60)
            stamp = f"2026/11/{blocks // (24 * 60) + 1:02d} {minute // 60:02d}:{minute % 60:02d}".encode()
            written += out.write(block.replace(b"@@@@@@@@@@@@@@@@", stamp))
            blocks += 1
    return LogTruth(size=written, records=blocks * BLOCK_RECORDS, faults=blocks * faults)


MIX: dict[str, str] = {
    "Logs/3CXMediaServer.2026-11-12.log": "{h:02d}:{m:02d}:{s:02d}.{n:03d}|7f21c46c46c0| Info|MSServer.cpp(210): Session C:{n}.1 closed, {n} packets\n",
    "Logs/3CXIVR.log": "12/11/2026 {h:02d}:{m:02d}:{s:02d}.{n:03d} [7f3a] RTCP ssrctx={n} tx=250 ssrcrx={s} rx=250 ex=250 delta=0 loss%=0 jitter=0.57\n",
    "LinuxLogs/nginx/access.log": '198.51.100.{s} - - [12/Nov/2026:{h:02d}:{m:02d}:{s:02d} +0100] "GET /webclient/{n} HTTP/1.1" 200 {n} "-" "Example/1.0"\n',
    "LinuxLogs/syslog": "Nov 12 {h:02d}:{m:02d}:{s:02d} hollybrook CRON[{n}]: (root) CMD (example job {n})\n",
}
"""Lines of further logs by member name; ``h m s n``: a clock that runs and a number."""


def write_mix(path: Path, size: int) -> int:
    """A zip with a service log and the logs of `MIX` in equal shares, ``size`` bytes unpacked in all. Returns that size."""
    share = size // (len(MIX) + 1)
    total = 0
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        service = Path(folder) / "service.log"
        total += write_log(service, share).size
        archive.write(service, "Logs/3cxSystemService.log")
        for member, line in MIX.items():
            block = "".join(line.format(h=n // 3600, m=n // 60 % 60, s=n % 60, n=n % 1000) for n in range(86_400))
            first = "#Date: 2026/11/12\n" if "Media" in member else ""
            data = (first + block * (share // len(block) + 1))[:share].rpartition("\n")[0] + "\n"
            archive.writestr(member, data)
            total += len(data)
    return total


def write_zip(path: Path, log: Path, member: str = "Logs/3cxSystemService.log") -> None:
    """The log as the only member of a zip, deflated as usual."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        archive.write(log, member)


def _block(dice: random.Random, fault_every: int) -> tuple[bytes, int]:
    lines: list[str] = []
    faults = 0
    for number in range(BLOCK_RECORDS):
        values = {"a": dice.randrange(10**6), "b": dice.randrange(100, 400), "c": dice.randrange(1, 255)}
        if number % fault_every == fault_every // 2:
            text, level = f"[Example.Recorder] {FAULT}", "Erro"
            faults += 1
        else:
            text = (_SIP if number % 9 == 0 else dice.choice(_TEXTS)).format(**values)
            level = dice.choice(_LEVELS)
        milliseconds = number * 60_000 // BLOCK_RECORDS
        stamp = f"@@@@@@@@@@@@@@@@:{milliseconds // 1000:02d}.{milliseconds % 1000:03d}"
        lines.append(f"{stamp}|{dice.randrange(400):04d}|{level}| {text}")
    return ("\n".join(lines) + "\n").encode(), faults
