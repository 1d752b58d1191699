"""The JSON Schema of the report, made from the row classes so that it cannot drift from them.

``python -m analyzer.report.schema`` writes ``report.schema.json`` beside this file.
"""

from __future__ import annotations

import json
import types
import typing
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from analyzer.finding import Owner, Role, Severity
from analyzer.i18n import LANGUAGES
from analyzer.report.build import SCHEMA
from analyzer.report.rows import columns
from analyzer.system import COLUMNS
from analyzer.verdict import Effect, Scope
from parsers.facts.artifact import Status
from parsers.facts.base import Row
from parsers.facts.capture import Call, Capture, Registration, RtpStream, StunExchange, TlsSession
from parsers.facts.inventory import Integration, Phone, Sbc, Trunk

FILE = Path(__file__).with_name("report.schema.json")

TABLES: dict[str, type[Row]] = {
    "phones": Phone,
    "trunks": Trunk,
    "integrations": Integration,
    "sbcs": Sbc,
    "registrations": Registration,
    "calls": Call,
    "streams": RtpStream,
    "captures": Capture,
    "stun_exchanges": StunExchange,
    "tls_sessions": TlsSession,
}
"""The report's tables and the class of their rows."""

NOT_SHOWN = {"captures": {"sip_requests", "sip_responses"}}

_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}
_MAYBE_TEXT = {"type": ["string", "null"]}
_TEXTS = {"type": "array", "items": _TEXT}


def _object(properties: dict[str, Any], *, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


def _choice(literal: object) -> dict[str, Any]:
    return {"enum": list(get_args(literal))}


def of_type(hint: Any) -> dict[str, Any]:  # noqa: ANN401 - any annotation, one schema each
    """The schema of a Python annotation as it stands in a row class."""
    origin = get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        parts = [of_type(part) for part in get_args(hint)]
        return {"anyOf": parts}
    if origin is Literal:
        return _choice(hint)
    if origin is list:
        return _list(of_type(get_args(hint)[0]))
    if origin is dict:
        return {"type": "object", "additionalProperties": of_type(get_args(hint)[1])}
    simple: dict[Any, dict[str, Any]] = {
        str: _TEXT,
        int: {"type": "integer"},
        float: {"type": "number"},
        bool: {"type": "boolean"},
        datetime: {"type": "string", "format": "date-time"},
        type(None): {"type": "null"},
    }
    return simple.get(hint, {})


def _place() -> dict[str, Any]:
    spot = {"type": "integer", "minimum": 1}
    return {
        "anyOf": [
            _object({"ticket": _TEXT}),
            _object(
                {"artifact": _MAYBE_TEXT, "line": spot, "row": spot, "frame": spot, "path": _TEXT, "text": _TEXT},
                optional=("line", "row", "frame", "path", "text"),
            ),
        ]
    }


def _evidence() -> dict[str, Any]:
    spot = {"type": "integer", "minimum": 1}
    return _object(
        {
            "ticket": _TEXT,
            "artifact": _MAYBE_TEXT,
            "line": spot,
            "row": spot,
            "frame": spot,
            "path": _TEXT,
            "time": _MAYBE_TEXT,
            "text": _TEXT,
        },
        optional=("ticket", "artifact", "line", "row", "frame", "path"),
    )


def _table(name: str, kind: type[Row]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    known = set(kind.__struct_fields__)
    hidden = NOT_SHOWN.get(name, set())
    properties = {
        column: of_type(hints[column]) for column in columns(kind) if column in known and column not in hidden
    }
    return _list(_object(properties | {"source": {"$ref": "#/$defs/place"}}))


def _system_value() -> dict[str, Any]:
    value: dict[str, Any] = {"type": ["string", "number", "boolean", "null"]}
    source = {"$ref": "#/$defs/place"}
    known = _object(
        {"value": value, "source": source, "also": _list(_object({"value": value, "source": source}))},
        optional=("also",),
    )
    return {"anyOf": [known, {"type": "null"}]}


def _verdict() -> dict[str, Any]:
    scope = _choice(Scope)
    answer = {"anyOf": [scope, {"type": "null"}]}
    reason = _object(
        {
            "clause": _TEXT,
            "effect": _choice(Effect),
            "why": _TEXT,
            "findings": _TEXTS,
            "evidence": _list({"$ref": "#/$defs/evidence"}),
        }
    )
    step = _object({"clause": _TEXT, "action": _TEXT, "who": _TEXT})
    return _object(
        {
            "scope": scope,
            "installation": scope,
            "summary": _TEXT,
            "reasons": _list(reason),
            "missing": _list(
                _object(
                    {
                        "clause": _TEXT,
                        "what": _TEXT,
                        "if_yes": answer,
                        "if_no": answer,
                        "answers": _list(_object({"answer": _TEXT, "scope": scope})),
                    }
                )
            ),
            "way_back": {"anyOf": [_list(step), {"type": "null"}]},
            "way_back_reason": _MAYBE_TEXT,
            "problem": _object({"area": _MAYBE_TEXT, "inferred": {"type": "boolean"}, "by": _TEXTS}),
        }
    )


def _finding() -> dict[str, Any]:
    return _object(
        {
            "code": {"type": "string", "pattern": "^[A-Z0-9]+-[0-9]+$"},
            "title": _TEXT,
            "message": _TEXT,
            "severity": _choice(Severity),
            "owner": _choice(Owner),
            "clause": _MAYBE_TEXT,
            "confidence": {"type": "integer", "minimum": 0, "maximum": 100},
            "subject": _TEXTS,
            "role": _choice(Role),
            "caused_by": _MAYBE_TEXT,
            "count": {"type": "integer", "minimum": 1},
            "first_seen": _MAYBE_TEXT,
            "last_seen": _MAYBE_TEXT,
            "remedy": _TEXT,
            "areas": _TEXTS,
            "language": {"enum": list(LANGUAGES)},
            "evidence": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/evidence"}},
        }
    )


def _route() -> dict[str, Any]:
    sla = _object({"due": {"type": "string", "format": "date-time"}, "rule": _TEXT})
    return _object(
        {
            "levels": _list({"enum": [1, 2, 3]}),
            "phone_support": {"type": ["boolean", "null"]},
            "priority": {"type": ["boolean", "null"]},
            "language": _TEXT,
            "sla": {"anyOf": [sla, {"type": "null"}]},
            "reasons": _list(_object({"clause": _TEXT, "why": _TEXT})),
            "depends_on": _TEXTS,
        }
    )


def schema() -> dict[str, Any]:
    """The whole JSON Schema (draft 2020-12)."""
    artifact = _object(
        {
            "path": _TEXT,
            "kind": _TEXT,
            "bytes": {"type": ["integer", "null"], "minimum": 0},
            "records": _COUNT,
            "understood": _COUNT,
            "status": _choice(Status),
            "problems": _TEXTS,
        }
    )
    sip = _object(
        {
            "messages": _COUNT,
            "requests": {"type": "object", "additionalProperties": _COUNT},
            "responses": {"type": "object", "additionalProperties": _COUNT},
        }
    )
    signatures = _object(
        {
            **dict.fromkeys(("ran", "fired", "silent", "unknown"), _COUNT),
            "skipped": _list(_object({"code": _TEXT, "needs": _TEXT})),
            "undecided": _list(_object({"code": _TEXT, "lacks": _TEXT, "rows": _COUNT})),
        }
    )
    count = {"type": ["integer", "null"]}
    difference = _object(
        {"artifact": _TEXT, "tool": _TEXT, "what": _TEXT, "ours": count, "theirs": count, "note": _MAYBE_TEXT}
    )
    files = _object(dict.fromkeys(("total", "ok", "partial", "unreadable", "ignored", "records", "understood"), _COUNT))
    body = _object(
        {
            "schema": {"const": SCHEMA},
            "tool": _object(
                {
                    "version": _TEXT,
                    "signatures": _object({"version": _TEXT, "count": _COUNT}),
                    "policy": _object({"id": _TEXT, "as_of": _TEXT}),
                    "catalog": {"type": "object", "additionalProperties": _TEXT},
                    "as_of": {"type": "string", "format": "date"},
                }
            ),
            "case": _object({"inputs": _TEXTS, "ticket": {"type": "object"}}),
            "artifacts": _list(artifact),
            "system": _object({name: _system_value() for name in COLUMNS}),
            **{name: _table(name, kind) for name, kind in TABLES.items()},
            "sip": {"anyOf": [sip, {"type": "null"}]},
            "findings": _list(_finding()),
            "verdict": _verdict(),
            "route": _route(),
            "coverage": _object(
                {
                    "signatures": signatures,
                    "artifacts": files,
                    "problems": _TEXTS,
                    "second_opinion": {"anyOf": [_list(difference), {"type": "null"}]},
                }
            ),
            "timing": {"type": "object", "additionalProperties": {"type": "number"}},
        }
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:tcxtriage:report:1",
        "title": "tcxtriage report",
        **body,
        "$defs": {"place": _place(), "evidence": _evidence()},
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(schema(), indent=1) + "\n", encoding="utf-8")
