"""System information of a support bundle: ``ExtraLogging/tcxSystemInfo_*.txt``.

    System Info

    [General]
    ProcessorCount = 4
    TotalDiskSpace = 80 GB
    TotalPhysicalMemory = 3.823 GB
    OSDescription = Debian GNU/Linux 12 (bookworm)

    [3CX PhoneSystem Info]
    Number of Extensions = 42
    VERSION = 20.0.9.995
    Model name:   AMD EPYC 7543P 32-Core Processor

What ``lscpu`` prints follows without a heading; only its model name is taken. That "GB" means 1024^3 bytes is inferred from
the numbers (3.823 GB on a machine of 4 GiB).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from parsers import lazy
from parsers.api import Probe, Sink, Tally
from parsers.config import values
from parsers.config.secret_keys import conceal, is_secret
from parsers.facts.base import QUOTE_LIMIT, Source
from parsers.facts.system import Setting, SystemSeen, Value
from parsers.tree.member import Member
from parsers.tree.text import lines

RANK = 80
OBJECT = "SystemInfo"
LINE_LIMIT = 20_000
VALUE_LIMIT = 500

_PAIR = lazy.pattern(r"^(?P<key>[^=:\r\n]{1,80}?)\s{0,8}=\s{0,8}(?P<value>.*)$")
_SECTION = lazy.pattern(r"(?i)\[3cx phonesystem info\]")
_MODEL = lazy.pattern(r"^Model name:\s{0,40}(?P<value>\S.{0,200})$")
_SIZE = lazy.pattern(r"^(?P<number>\d{1,12}(?:[.,]\d{1,6})?)\s{0,4}(?P<unit>[KMGT]?)i?B?$", re.IGNORECASE)
_POWER = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}


def size(text: str) -> int | None:
    """``3.823 GB`` in bytes."""
    found = _SIZE.match(text.strip())
    if found is None:
        return None
    return round(float(found["number"].replace(",", ".")) * (1 << 10 * _POWER[found["unit"].upper()]))


def _version(text: str) -> str | None:
    found = values.text(text)
    return found if found and re.fullmatch(r"\d{1,3}(?:\.\d{1,6}){1,3}", found) else None


_COLUMNS: dict[str, tuple[str, Callable[[str], Value]]] = {
    "processorcount": ("cpu_count", values.count),
    "totaldiskspace": ("disk_bytes", size),
    "freediskspace": ("disk_free_bytes", size),
    "totalphysicalmemory": ("memory_bytes", size),
    "freephysicalmemory": ("memory_free_bytes", size),
    "osdescription": ("os", values.text),
    "number of extensions": ("extensions", values.count),
    "version": ("version", _version),
}
_SETTINGS = frozenset({"number of queues", "number of ringgroups", "number of ivrs"})


class SystemInfoParser:
    """tcxSystemInfo."""

    kind = "system_info"

    def claims(self, probe: Probe) -> int:
        """By its section, else by name."""
        if _SECTION.search(probe.text):
            return 90
        return 30 if "tcxsysteminfo" in probe.name.lower() else 0

    def parse(self, member: Member, out: Sink) -> Tally:
        """A `SystemSeen` row for each column of ``system``, a `Setting` for the other keys; those of no known meaning are
        normal and show in the counts only.
        """
        tally = Tally()
        unread: list[str] = []
        for number, line in lines(member):
            if number > LINE_LIMIT:
                out.problem(f"more than {LINE_LIMIT} lines: the others are not read")
                break
            text = line.rstrip()
            found = _PAIR.match(text)
            if found:
                tally.records += 1
                key = found["key"].strip()
                if len(found["value"]) > VALUE_LIMIT:
                    unread.append(key)
                elif _key(key, found["value"], _source(out, number, line), out):
                    tally.understood += 1
                elif key.lower() in _COLUMNS:
                    unread.append(key)
                continue
            model = _MODEL.match(text)
            if model:
                tally.records += 1
                tally.understood += 1
                out.add(
                    Setting(source=_source(out, number, line), object=OBJECT, name="CpuModel", value=model["value"])
                )
        if unread:
            out.problem(f"the value cannot be read: {', '.join(unread[:20])}")
        return tally


def _source(out: Sink, number: int, line: str) -> Source:
    return Source(artifact=out.artifact, line=number, text=line[:QUOTE_LIMIT])


def _key(key: str, text: str, source: Source, out: Sink) -> bool:
    """Take one key; whether its meaning and value are known."""
    if is_secret(key):
        conceal(text, out)
        return False
    column = _COLUMNS.get(key.lower())
    if column is None:
        value = values.text(text)
        if value is not None:
            number = values.whole(text)
            out.add(Setting(source=source, object=OBJECT, name=key, value=value if number is None else number))
        return value is not None and key.lower() in _SETTINGS
    name, read = column
    found = read(text)
    if found is None:
        return False
    out.add(SystemSeen(source=source, key=name, value=found, rank=RANK))
    return True


PARSERS = (SystemInfoParser(),)
