"""Refreshing a list from something saved: what it says goes into the list, and the differences are told."""

from __future__ import annotations

from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from analyzer.catalog.check import check
from analyzer.catalog.models import model_key, vendor_key
from analyzer.catalog.schema import LISTS, List, TemplateFiles
from analyzer.catalog.store import CatalogError, Stored, dump

SAME: dict[str, tuple[str, ...]] = {
    "builds": ("product", "version"),
    "cves": ("id",),
    "eol": ("vendor", "model"),
    "gateways": ("vendor", "model"),
    "hardware": ("size",),
    "integrations": ("kind", "name"),
    "phone_status": ("vendor", "model", "basis"),
    "phones": ("vendor", "model"),
    "templates": ("file",),
    "trunk_status": ("provider", "basis"),
    "trunks": ("provider",),
}
"""The columns by which an imported row is the same as one of the list. Lists that are not named take no imports."""

DEFAULTS: dict[str, dict[str, Any]] = {
    "builds": {"product": "pbx"},
    "eol": {"state": "eol", "confidence": 90},
    "integrations": {"kind": "crm", "status": "supported", "confidence": 90},
    "phone_status": {"status": "supported", "confidence": 90},
    "phones": {"kind": "phone"},
    "gateways": {"kind": "gateway"},
    "trunk_status": {"status": "supported", "confidence": 90},
}


class Found(Struct, kw_only=True):
    """What a saved file says. ``whole``: it is the complete list of its source, so what it does not name any more has left;
    ``complete`` names the kinds of templates of which it has all.
    """

    rows: list[dict[str, Any]]
    source: str
    as_of: date
    basis: str
    whole: bool = False
    complete: list[str] = field(default_factory=list)


class Differences(Struct):
    """Sentences on what an import changes."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """All differences, one a line: ``+`` new, ``~`` changed, ``-`` no longer named."""
        marked = (("+", self.added), ("~", self.changed), ("-", self.gone))
        return [f"{sign} {text}" for sign, texts in marked for text in texts]


def merge(stored: Stored, found: Found, today: date) -> tuple[List, Differences]:
    """The list with what was found. Raises `CatalogError` for rows that break the schema or the checks."""
    name = stored.name
    if name not in SAME:
        raise CatalogError(f"the catalogue {name} takes no imports: edit its file")
    kind = LISTS[name]
    old = msgspec.to_builtins(stored.content, builtin_types=(date,))
    rows: list[dict[str, Any]] = old["rows"]
    index = {_key(name, row): row for row in reversed(rows)}
    told = Differences()
    named = set()
    fresh: list[dict[str, Any]] = []
    columns = {column.encode_name for column in msgspec.structs.fields(_row_type(kind))}
    for raw in found.rows:
        row = _complete(name, raw, found, columns)
        key = _key(name, row)
        if key in named:
            continue
        named.add(key)
        if key in index:
            change = _update(index[key], row)
            if change:
                told.changed.append(f"{_shown(row, name)}: {change}")
        else:
            fresh.append(row)
            told.added.append(_shown(row, name))
    if found.whole:
        left = [row for row in rows if _same_source(row, found) and _key(name, row) not in named]
        told.gone = [_shown(row, name) for row in left]
        rows = [row for row in rows if row not in left]
    old["rows"] = rows + fresh
    old["as_of"] = max(stored.as_of, found.as_of)
    if kind is TemplateFiles and found.complete:
        old["complete"] = sorted({*old.get("complete", []), *found.complete})
    try:
        content = msgspec.convert(old, type=kind, builtin_types=(date,), strict=False)
    except msgspec.ValidationError as wrong:
        raise CatalogError(f"{name}: what was found does not fit: {wrong}") from wrong
    renewed = Stored(name=name, path=stored.path, as_of=content.as_of, data=dump(content))
    errors = [remark.text for remark in check(renewed, today) if remark.level == "error"]
    if errors:
        raise CatalogError(f"{name}: what was found does not fit: {'; '.join(errors[:5])}")
    return content, told


def save(content: List, folder: Path) -> Path:
    """Write a list into a folder. Raises `CatalogError`."""
    path = folder / f"{content.catalog}.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(dump(content))
    except OSError as wrong:
        raise CatalogError(f"{path}: {wrong.strerror or wrong}") from wrong
    return path


def row_columns(name: str) -> list[str]:
    """The columns of a list's rows."""
    return [column.encode_name for column in msgspec.structs.fields(_row_type(LISTS[name]))]


def _row_type(kind: type[List]) -> type[msgspec.Struct]:
    info = next(column for column in msgspec.structs.fields(kind) if column.name == "rows")
    row: type[msgspec.Struct] = info.type.__args__[0]
    return row


def _complete(name: str, raw: dict[str, Any], found: Found, columns: set[str]) -> dict[str, Any]:
    """A found row with the defaults of its list and where it comes from."""
    for column in raw:
        if column not in columns:
            near = get_close_matches(column, sorted(columns), n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise CatalogError(f"{name} has no column {column!r}{hint} Columns: {', '.join(sorted(columns))}")
    row = DEFAULTS.get(name, {}) | {"source": found.source, "as_of": found.as_of}
    if "basis" in columns:
        row["basis"] = found.basis
    if "first_known" in columns:
        row["first_known"] = found.as_of
    return row | {column: value for column, value in raw.items() if value not in (None, "", [], False)}


def _update(old: dict[str, Any], new: dict[str, Any]) -> str:
    """Put the new values into the old row; what changed, in words. The first known day stays the earlier one."""
    if old.get("first_known") and new.get("first_known"):
        new["first_known"] = min(str(old["first_known"]), str(new["first_known"]))
    quiet = ("source", "as_of", "first_known")
    changes = [
        f"{column} {old.get(column)} → {value}"
        for column, value in new.items()
        if column not in quiet and str(old.get(column)) != str(value)
    ]
    old.update(new)
    return ", ".join(changes)


def _same_source(row: dict[str, Any], found: Found) -> bool:
    return row.get("basis") == found.basis and row.get("source") == found.source


def _key(name: str, row: dict[str, Any]) -> tuple[str, ...]:
    vendor = str(row.get("vendor") or "")
    levelled = {
        "vendor": vendor_key(vendor),
        "model": model_key(row.get("model"), vendor) or str(row.get("match") or ""),
    }
    return tuple(levelled[c] if c in levelled else str(row.get(c) or "").casefold() for c in SAME[name])


def _shown(row: dict[str, Any], name: str) -> str:
    what = " ".join(str(row[c]) for c in SAME[name] if c != "basis" and row.get(c))
    state = row.get("status") or row.get("state") or ""
    return f"{what} {state}".strip()
