"""Rules for tests: the least that loads, with changes."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import yaml

from analyzer.pack import ir
from analyzer.pack.build import Built, build_pack
from analyzer.pack.document import Document, parse_documents
from analyzer.pack.folder import Folder
from analyzer.pack.load import Pack
from analyzer.pack.rule import read_rule

LINE = "2026/11/12 10:14:00.119|0021|Erro| [Some.Logger] {}"


def rule(code: str = "ABC-01", **changes: Any) -> dict[str, Any]:
    """A rule over phones that loads; a change to None takes the key out."""
    data: dict[str, Any] = {
        "title": f"Title of {code}",
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, code)),
        "name": code.lower().replace("-", "_"),
        "code": code,
        "status": "stable",
        "level": "high",
        "confidence": 90,
        "grade": "standard",
        "owner": "partner",
        "logsource": {"product": "3cx", "category": "phone"},
        "detection": {"odd": {"vendor": "Acme"}, "condition": "odd"},
        "message": "{vendor} {model} is odd.",
        "remedy": "Look at it.",
        "falsepositives": ["none known"],
        "references": ["RFC 3261"],
        "tags": ["area.phone"],
        "samples": {"fires": [{"phone": [{"vendor": "acme"}]}], "silent": [{"phone": [{"vendor": "Other"}]}]},
    }
    data.update(changes)
    return {key: value for key, value in data.items() if value is not None}


def log_rule(code: str = "LOG-01", **changes: Any) -> dict[str, Any]:
    """A rule over service logs that loads."""
    data: dict[str, Any] = {
        "logsource": {"product": "3cx", "category": "log"},
        "detection": {"full": {"text|contains": "disk is gone"}, "condition": "full"},
        "message": "A disk is gone.",
        "samples": {
            "fires": [{"kind": "service_log", "lines": [LINE.format("The disk is GONE now")]}],
            "silent": [{"kind": "service_log", "lines": [LINE.format("The disk is here")]}],
        },
    }
    return rule(code, **(data | changes))


def event_part(name: str, event_id: int) -> dict[str, Any]:
    """A part of a correlation: fires on an event id."""
    return {
        "title": f"Event {event_id}",
        "name": name,
        "logsource": {"product": "3cx", "category": "event"},
        "detection": {"it": {"event_id": event_id}, "condition": "it"},
    }


def event(event_id: int, time: str, **fields: Any) -> dict[str, Any]:
    """A row of the event log at a time of one day."""
    return {"event_id": event_id, "time": f"2026-11-12T{time}Z", **fields}


def count_rule(code: str = "CNT-01", correlation: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A correlation over ``part_a`` that wants three in an hour for each trunk."""
    joined = {
        "type": "event_count",
        "rules": ["part_a"],
        "group-by": ["trunk"],
        "timespan": "1h",
        "condition": {"gte": 3},
        "generate": False,
    }
    three = [event(1, clock, trunk="10000") for clock in ("09:00:00", "09:20:00", "09:59:00")]
    data: dict[str, Any] = {
        "logsource": None,
        "detection": None,
        "correlation": joined | (correlation or {}),
        "message": "{count} times on {trunk}.",
        "samples": {"fires": [{"event": three}], "silent": [{"event": three[:2]}]},
    }
    return rule(code, **(data | changes))


def document(data: dict[str, Any], file: str = "x.yaml") -> Document:
    """One rule as a document."""
    return next(iter(parse_documents(yaml.safe_dump(data, sort_keys=False, width=1000), file)))


def faults(data: dict[str, Any]) -> list[str]:
    """What reading a rule has to say, with file and line."""
    return [str(problem) for problem in read_rule(document(data))[1]]


def condition(detection: dict[str, Any], table: str = "phone") -> ir.Expr:
    """The condition of a detection over a table."""
    draft, problems = read_rule(document(rule(logsource={"product": "3cx", "category": table}, detection=detection)))
    assert draft is not None, problems
    assert draft.rule.condition is not None
    return draft.rule.condition


def write(folder: Path, *rules: dict[str, Any], file: str = "rules.yaml") -> Path:
    """Write rules into one file of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(yaml.safe_dump_all(rules, sort_keys=False, width=1000), "utf-8")
    return folder


def built(folder: Path, *rules: dict[str, Any]) -> Built:
    """A pack of some rules, compiled."""
    return build_pack([Folder(write(folder, *rules), own=False, version="1")])


def pack(folder: Path, *rules: dict[str, Any]) -> Pack:
    """A pack of some rules, all of which must load."""
    made = built(folder, *rules)
    assert not made.problems, [str(item) for item in made.problems]
    return Pack(made.compiled, "test", made.database)
