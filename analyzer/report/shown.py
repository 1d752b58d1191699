"""Everything that stands in a report goes through here once: values become those of JSON, secrets are taken out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from analyzer.redact.secrets import Scrubber
from analyzer.report.rows import Table, moment, place, plain
from parsers.facts.base import Source

_HALF = re.compile("[\ud800-\udfff]")
"""Halves of characters (names of files that are no UTF-8): no encoding can write them."""

_NULL = type(None)
_AS_THEY_ARE = frozenset({_NULL, bool, int, float})
_TIMES = frozenset({_NULL, datetime})
_TEXTS = frozenset({_NULL, str})


def shown(report: dict[str, Any], scrubber: Scrubber) -> dict[str, Any]:
    """A report as JSON values, its tables as lists of rows, without secrets in values and keys."""
    found: set[str] = set()
    _gather([report], found)
    json: dict[str, Any] = _Shown(scrubber, found).value(report)
    return json


def _gather(values: Iterable[object], found: set[str]) -> None:
    """Every text that stands in the values, however deep: all are searched for secrets at once."""
    for value in values:
        if isinstance(value, str):
            found.add(value)
        elif isinstance(value, dict):
            found.update(map(str, value))
            _gather(value.values(), found)
        elif isinstance(value, (list, tuple, set, frozenset)):
            _gather(value, found)
        elif isinstance(value, Source):
            found.update(text for text in (value.artifact, value.path, value.ticket) if text is not None)
        elif isinstance(value, Table):
            for name, column in value.columns.items():
                found.add(name)
                _gather_column(column, found)


def _gather_column(values: list[Any], found: set[str]) -> None:
    kinds = set(map(type, values))
    if kinds <= _TEXTS:
        found.update(value for value in set(values) if value is not None)
    elif not kinds <= _AS_THEY_ARE and not kinds <= _TIMES:
        _gather(values, found)


class _Shown:
    """Values as a report shows them."""

    def __init__(self, scrubber: Scrubber, texts: Iterable[str]) -> None:
        self._texts = scrubber.texts(texts)
        self._texts |= {text: _HALF.sub("\ufffd", shown) for text, shown in self._texts.items() if not text.isascii()}

    def value(self, value: object) -> Any:  # noqa: ANN401 - JSON
        """A value, whatever it holds."""
        if isinstance(value, str):
            return self._texts[value]
        if type(value) in _AS_THEY_ARE:
            return value
        if isinstance(value, dict):
            return {self._texts[str(name)]: self.value(entry) for name, entry in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(entry) for entry in value]
        if isinstance(value, (set, frozenset)):
            return sorted(self.value(entry) for entry in value)
        if isinstance(value, Source):
            return {name: self.value(entry) for name, entry in place(value).items()}
        if isinstance(value, Table):
            return self._rows(value)
        return plain(value)

    def _rows(self, table: Table) -> list[dict[str, Any]]:
        names = [self._texts[name] for name in table.columns]
        columns = [self._column(values) for values in table.columns.values()]
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]

    def _column(self, values: list[Any]) -> Iterable[Any]:
        kinds = set(map(type, values))
        if kinds <= _AS_THEY_ARE:
            return values
        if kinds <= _TIMES:
            return map(moment, values)
        if kinds <= _TEXTS:
            return [None if value is None else self._texts[value] for value in values]
        return map(self.value, values)
