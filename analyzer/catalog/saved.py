"""What saved files say: CSV, template exports (JSON). Pages are read by `analyzer.catalog.pages`."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from analyzer.catalog.catalog import Catalog
from analyzer.catalog.imports import Found
from analyzer.catalog.models import split_suffix
from analyzer.catalog.store import CatalogError

LIMIT = 64 * 1024 * 1024
"""Bytes of a saved file that are read at most."""

EXPORT = "3cx_export"
BY_TYPE = {"Preferred": "preferred", "Supported": "supported", "ThirdParty": "unsupported", "Deleted": "unsupported"}
"""3CX's ``TemplateType`` in the catalogue's words."""


def read_saved(name: str, path: Path, catalog: Catalog, *, as_of: date | None, source: str | None) -> Found:
    """Read a saved page, CSV or template export for a catalogue. Raises `CatalogError` for one that says nothing of it."""
    try:
        with path.open("rb") as file:
            data = file.read(LIMIT + 1)
        saved = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
    except OSError as wrong:
        raise CatalogError(f"{path}: {wrong.strerror or wrong}") from wrong
    if len(data) > LIMIT:
        raise CatalogError(f"{path}: larger than {LIMIT} bytes")
    day = as_of or saved
    head = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:1] in (b"{", b"["):
        found = _export(name, data, catalog, day, source or path.name)
    elif head[:1] == b"<":
        from analyzer.catalog.pages import read_page

        found = read_page(name, data, catalog, day, source)
        found.source = found.source or path.name
    else:
        found = Found(rows=_csv(data, path), source=source or path.name, as_of=day, basis="import")
    if not found.rows:
        raise CatalogError(f"{path}: nothing in it was recognised for the catalogue {name}")
    return found


def _csv(data: bytes, path: Path) -> list[dict[str, Any]]:
    """Rows under a header that names columns of the list; several values of one cell are parted by ``;``."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise CatalogError(f"{path}: no UTF-8 text at byte {wrong.start}") from wrong
    try:
        dialect: type[csv.Dialect] | str = csv.Sniffer().sniff(text[:4000], delimiters=",;\t")
    except csv.Error:
        dialect = "excel"
    rows = []
    try:
        for raw in csv.DictReader(io.StringIO(text), dialect=dialect):
            row: dict[str, Any] = {}
            for head, cell in raw.items():
                if head is None or not isinstance(cell, str) or not cell.strip():
                    continue
                column = re.sub(r"\W+", "_", head.strip().casefold()).strip("_")
                row[column] = [part.strip() for part in cell.split(";")] if column in LISTED else cell.strip()
            if row:
                rows.append(row)
    except csv.Error as wrong:
        raise CatalogError(f"{path}: {wrong}") from wrong
    return rows


LISTED = frozenset({"also", "affected", "auth", "countries", "fixed_in", "flags", "hosts", "platforms"})
"""Columns that hold lists."""


def _export(name: str, data: bytes, catalog: Catalog, day: date, source: str) -> Found:
    """``{"value": [{"Id": "yealinkT4x.ph.xml", "TemplateType": "Supported", "IsCustom": false, "Models": [{"Name": …}]}]}``"""
    taker = _TAKERS.get(name)
    if taker is None:
        raise CatalogError(f"an export of templates says nothing of {name}; it can be read for {', '.join(_TAKERS)}")
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as wrong:
        raise CatalogError(f"no JSON: {wrong}") from wrong
    items = content.get("value", content.get("list")) if isinstance(content, dict) else content
    templates = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    stock = [item for item in templates if item.get("Id") and item.get("IsCustom") is not True]
    rows = [row for item in stock for row in taker(item, catalog)]
    kinds = sorted({_kind(str(item["Id"])) for item in stock})
    return Found(rows=rows, source=source, as_of=day, basis=EXPORT, whole=True, complete=kinds)


def _kind(file: str) -> str:
    folded = file.casefold()
    return "provider" if folded.endswith(".pv.xml") else "fxs" if folded.endswith(".fxs.xml") else "phone"


def _models(item: dict[str, Any], catalog: Catalog) -> list[tuple[str, str]]:
    found = []
    models = item.get("Models")
    for entry in models if isinstance(models, list) else []:
        shown = entry.get("Name") if isinstance(entry, dict) else entry
        if isinstance(shown, str):
            vendor, model = catalog.split_name(split_suffix(shown.strip(), str(item["Id"]))[0])
            vendor = vendor or catalog.vendor_of(model)
            if vendor:
                found.append((vendor, model))
    return found


def _phone_status(item: dict[str, Any], catalog: Catalog) -> list[dict[str, Any]]:
    status = BY_TYPE.get(str(item.get("TemplateType")), "listed_in_template")
    return [
        {"vendor": vendor, "model": model, "status": status, "template": str(item["Id"]), "confidence": 95}
        for vendor, model in _models(item, catalog)
    ]


def _phones(item: dict[str, Any], catalog: Catalog) -> list[dict[str, Any]]:
    return [{"vendor": vendor, "model": model} for vendor, model in _models(item, catalog)]


def _trunk_status(item: dict[str, Any], catalog: Catalog) -> list[dict[str, Any]]:
    file, provider = str(item["Id"]), item.get("Name")
    if _kind(file) != "provider" or not isinstance(provider, str) or catalog.is_generic(file):
        return []
    countries = item.get("Countries")
    listed = [str(country) for country in countries] if isinstance(countries, list) else []
    status = BY_TYPE.get(str(item.get("TemplateType")), "unknown")
    return [{"provider": provider, "status": status, "template": file, "countries": listed, "confidence": 95}]


def _templates(item: dict[str, Any], catalog: Catalog) -> list[dict[str, Any]]:
    file = str(item["Id"])
    generic = catalog.is_generic(file) or (_kind(file) == "provider" and file.casefold().startswith("generic"))
    name = item.get("Name")
    return [{"file": file, "kind": _kind(file), "name": name if isinstance(name, str) else None, "generic": generic}]


_TAKERS: dict[str, Callable[[dict[str, Any], Catalog], list[dict[str, Any]]]] = {
    "phone_status": _phone_status,
    "phones": _phones,
    "templates": _templates,
    "trunk_status": _trunk_status,
}
