"""Units that systemd names in one line by their description only, and by their name in the line that belongs to it.

Before version 250 it says ``Dependency failed for 3CX Gateway Service.``, then (the units that need this one in between)
``3CXGatewayService.service: Job 3CXGatewayService.service/start failed with result 'dependency'.``; and
``3CXGatewayService.service: Failed with result 'exit-code'.``, then ``Failed to start 3CX Gateway Service.``
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from parsers.facts import Facts
from parsers.facts.log import LogRecord

JOB = "failed with result"
OWN = "3cx"
"""How the units begin whose descriptions are read."""
NEAR_S = 1.0


def join_units(facts: Facts) -> None:
    """Give records of units that failed the name of their unit, where the lines beside them leave no doubt."""
    files: dict[tuple[str | None, object], list[LogRecord]] = defaultdict(list)
    for record in facts.of(LogRecord):
        unit = record.fields.get("unit")
        if (
            record.time is not None
            and "failure" in record.fields
            and (unit is None or str(unit).lower().startswith(OWN))
        ):
            files[record.source.artifact, record.fields["failure"]].append(record)
    for (_, failure), records in files.items():
        if failure == "dependency":
            _dependencies(records)
        else:
            _themselves(records)


def _dependencies(records: Iterable[LogRecord]) -> None:
    """Each job that ends is that of the last unit that was announced and has none yet."""
    announced: list[LogRecord] = []
    for record in records:
        if record.fields.get("unit") is None:
            announced.append(record)
        elif announced and JOB in record.text:
            last = announced.pop()
            if abs(_seconds(last, record)) <= NEAR_S:
                _name(last, record)


def _themselves(records: Iterable[LogRecord]) -> None:
    """The unit that failed just before, where only one did."""
    before: dict[object, LogRecord] = {}
    for record in records:
        unit = record.fields.get("unit")
        if unit is not None:
            before[unit] = record
            continue
        before = {name: other for name, other in before.items() if abs(_seconds(other, record)) <= NEAR_S}
        if len(before) == 1:
            _name(record, *before.values())


def _seconds(first: LogRecord, last: LogRecord) -> float:
    assert first.time is not None
    assert last.time is not None
    return (last.time - first.time).total_seconds()


def _name(record: LogRecord, other: LogRecord) -> None:
    record.fields["unit"] = other.fields["unit"]
    record.sources["unit"] = other.source
