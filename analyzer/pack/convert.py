"""Log rules as queries of other systems, by pySigma's backends (the ``convert`` extra)."""

from __future__ import annotations

import copy
import importlib
from typing import Any

from msgspec import Struct
from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaError

from analyzer.pack import tables
from analyzer.pack.errors import PackError
from analyzer.pack.rule import OWN_KEYS, Draft


class Target(Struct, frozen=True):
    """A backend and what the text of a record is called there; empty for a search in the whole line."""

    module: str
    backend: str
    package: str
    text: str


TARGETS: dict[str, Target] = {
    "splunk": Target("sigma.backends.splunk", "SplunkBackend", "pySigma-backend-splunk", "_raw"),
    "elasticsearch": Target(
        "sigma.backends.elasticsearch", "LuceneBackend", "pySigma-backend-elasticsearch", "message"
    ),
    "loki": Target("sigma.backends.loki", "LogQLBackend", "pySigma-backend-loki", ""),
}


def backend_of(name: str) -> tuple[Target, Any]:
    """A target with its backend. Raises `PackError` with what to install where it is not there."""
    target = TARGETS[name]
    try:
        module = importlib.import_module(target.module)
    except ImportError as error:
        raise PackError(f"{target.package} is not there: pip install 'tcxtriage[convert]' ({error})") from error
    return target, getattr(module, target.backend)()


def convertible(draft: Draft) -> bool:
    """Whether a rule looks at single log records."""
    return draft.rule.tables == (tables.LOG,) and draft.rule.condition is not None


def convert(draft: Draft, name: str) -> list[str]:
    """The queries of one log rule. Raises `PackError` for other rules and for what the backend cannot say."""
    if not convertible(draft):
        what = f"looks at {', '.join(draft.rule.tables)}" if draft.rule.condition else "is a correlation"
        raise PackError(f"{draft.rule.code or draft.rule.name} {what}: only rules over single log records can be converted")  # fmt: skip
    target, backend = backend_of(name)
    data = {key: copy.deepcopy(value) for key, value in draft.document.data.items() if key not in OWN_KEYS}
    data["detection"] = _renamed(data["detection"], target.text)
    try:
        queries = backend.convert(SigmaCollection.from_dicts([data]))
    except (SigmaError, NotImplementedError) as error:
        raise PackError(f"{draft.rule.code}: {target.package} cannot say it: {error}") from error
    return [str(query) for query in queries]


def _renamed(part: Any, text: str) -> Any:  # noqa: ANN401 - YAML
    """A detection with the record's text under its name in the other system."""
    if isinstance(part, list):
        return [_renamed(entry, text) for entry in part]
    if not isinstance(part, dict):
        return part
    renamed: dict[str, Any] = {}
    for key, value in part.items():
        field, bar, modifiers = str(key).partition("|")
        renamed[f"{text}{bar}{modifiers}" if field == "text" else key] = _renamed(value, text)
    return renamed
