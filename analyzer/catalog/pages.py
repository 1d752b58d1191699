"""Saved web pages: tables whose headings name columns, and for some lists the text around known words.

What the pages look like is not fixed anywhere, so that the reading is loose; the differences are shown before anything
rests on them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from lxml import etree, html

from analyzer.catalog.catalog import Catalog
from analyzer.catalog.imports import Found, row_columns
from analyzer.catalog.store import CatalogError
from parsers import lazy

PAGE = "3cx_page"

_HEADINGS: dict[str, tuple[str, ...]] = {
    "vendor": ("vendor", "brand", "manufacturer", "make"),
    "model": ("model", "models", "phone", "device", "product"),
    "status": ("status", "support"),
    "version": ("version", "build", "build number"),
    "name": ("name", "release", "update", "crm", "pms", "system"),
    "first_known": ("date", "released", "release date", "published"),
    "provider": ("provider", "carrier", "voip provider", "sip trunk", "company"),
    "countries": ("country", "countries", "region"),
    "announced": ("announced", "eol announced", "announcement"),
    "end_of_sale": ("end of sale", "last order", "eos"),
    "end_of_support": ("end of support", "end of life", "eol", "last date of support"),
    "replaced_by": ("replacement", "replaced by", "successor"),
    "id": ("id", "cve", "advisory"),
    "summary": ("summary", "description", "title"),
    "template": ("template",),
}
"""Words in the head of a table that name a column."""

_STATES = {
    "preferred": "preferred",
    "recommended": "preferred",
    "supported": "supported",
    "yes": "supported",
    "legacy": "legacy",
    "eol": "eol",
    "end of life": "eol",
    "discontinued": "eol",
    "unsupported": "unsupported",
    "not supported": "unsupported",
    "no": "unsupported",
}
_SAVED_FROM = lazy.pattern(r"saved from url=(?:\(\d{1,6}\))?(https?://\S{1,500})")
_BUILD = lazy.pattern(r"(?<![\d.])(\d{2}\.\d{1,2}\.\d{1,3}\.\d{1,5})(?![\d.])")
_NAME = lazy.pattern(
    r"\bV?(1[4-9]|2\d)(?:\.0)? ?(Update ?\d{1,2}[A-Za-z]?(?: Hotfix ?\d{0,2})?|Service Pack ?\d{1,2})", re.IGNORECASE
)
_CHANNEL = lazy.pattern(r"\b(alpha|beta|rc|release candidate|hotfix|final)\b", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = lazy.pattern(
    r"\b(?:(?P<iso>\d{4}-\d\d-\d\d)|(?P<d1>\d{1,2})(?:st|nd|rd|th)? (?P<m1>[A-Za-z]{3,9})\.?,? (?P<y1>20\d\d)"
    r"|(?P<m2>[A-Za-z]{3,9})\.? (?P<d2>\d{1,2})(?:st|nd|rd|th)?,? (?P<y2>20\d\d))\b"
)
_MODEL = lazy.pattern(r"[A-Z]{0,4}-?\d{1,4}[A-Z0-9]{0,4}(?:[- ](?:V\d|Pro|Lite|IP|PRO)){0,2}", re.IGNORECASE)
_BLOCKS = ("h1", "h2", "h3", "h4", "h5", "li", "p", "td", "th", "a", "option", "dt", "dd", "strong", "span", "div")


def read_page(name: str, data: bytes, catalog: Catalog, day: date, source: str | None) -> Found:
    """What a page says for a catalogue. Raises `CatalogError` for what is no page. An empty ``source``: it names no address."""
    parser = html.HTMLParser(no_network=True, huge_tree=False, remove_pis=True)
    try:
        root = html.document_fromstring(data, parser=parser)
    except (etree.ParserError, ValueError) as wrong:
        raise CatalogError(f"no web page: {wrong}") from wrong
    etree.strip_elements(root, "script", "style", "noscript", "template", with_tail=False)
    rows = list(_tables(name, root, catalog))
    if not rows and name in _READERS:
        rows = list(_READERS[name](root, catalog))
    address = source or _address(root)
    own = address is not None and re.match(r"https?://(?:www\.)?3cx\.", address) is not None
    basis = PAGE if own or name != "eol" else "vendor_notice"
    return Found(rows=rows, source=address or "", as_of=day, basis=basis, whole=bool(address))


def _address(root: html.HtmlElement) -> str | None:
    """Where the page was saved from."""
    for link in root.iter("link"):
        if (link.get("rel") or "").casefold() == "canonical" and (link.get("href") or "").startswith("http"):
            return str(link.get("href"))[:500]
    for comment in root.getroottree().xpath("//comment()"):
        found = _SAVED_FROM.search(comment.text or "")
        if found:
            return found[1]
    return None


def _text(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def _tables(name: str, root: html.HtmlElement, catalog: Catalog) -> Iterator[dict[str, Any]]:
    """Rows of tables whose head names columns of the list; a vendor may stand in a heading above."""
    columns = set(row_columns(name))
    needed = {"phone_status": "model", "phones": "model", "eol": "model", "builds": "version", "cves": "id"}.get(name)
    needed = needed or ("provider" if name.startswith("trunk") else "name")
    heading = ""
    for element in root.iter("h1", "h2", "h3", "h4", "table"):
        if element.tag != "table":
            heading = _text(element)
            continue
        lines = [[_text(cell) for cell in row.iter("td", "th")] for row in element.iter("tr")]
        if len(lines) < 2:
            continue
        head = [_column(text, columns) for text in lines[0]]
        if needed not in head:
            continue
        for line in lines[1:]:
            row = {column: text for column, text in zip(head, line, strict=False) if column and text}
            if row.get(needed):
                yield from _cells(row, heading, catalog)


def _column(text: str, columns: set[str]) -> str | None:
    word = text.casefold().strip(" :*")
    named = [column for column, words in _HEADINGS.items() if column in columns and (word in words or word == column)]
    return named[0] if named else None


def _cells(row: dict[str, Any], heading: str, catalog: Catalog) -> Iterator[dict[str, Any]]:
    """The cells of a line in the list's own words; a cell with several models gives several rows."""
    if "status" in row:
        state = _STATES.get(row["status"].casefold())
        if state:
            row["status"] = state
        else:
            del row["status"]
    if "first_known" in row:
        row["first_known"] = _date(row["first_known"])
    for column in ("announced", "end_of_sale", "end_of_support"):
        if column in row:
            found = _date(row[column])
            row[column] = found.isoformat() if found else None
    if "countries" in row:
        row["countries"] = [part.strip() for part in re.split(r"[,;/]", row["countries"]) if part.strip()]
    if "model" not in row:
        yield row
        return
    for part in re.split(r"[,;\n]", row["model"]):
        shown = part.strip()
        vendor, model = (row["vendor"], shown) if row.get("vendor") else catalog.split_name(shown)
        vendor = vendor or _vendor_in(heading, catalog) or catalog.vendor_of(model)
        if vendor and model and len(model) <= 40:
            yield row | {"vendor": vendor, "model": model}


def _vendor_in(heading: str, catalog: Catalog) -> str | None:
    words = heading.casefold()
    return next((vendor for vendor in catalog.vendors if re.match(rf"{re.escape(vendor.casefold())}\b", words)), None)


def _blocks(root: html.HtmlElement) -> Iterator[tuple[str, html.HtmlElement, str]]:
    """Text blocks from the top down with the heading they stand under."""
    heading = ""
    for element in root.iter(*_BLOCKS):
        text = _text(element)
        if not text or len(text) > 600:
            continue
        if element.tag in ("h1", "h2", "h3", "h4", "h5"):
            heading = text
        yield heading, element, text


def _phones(root: html.HtmlElement, catalog: Catalog) -> Iterator[dict[str, Any]]:
    """``Yealink T54W`` anywhere, or ``T54W`` under a heading that begins with the vendor."""
    for heading, _element, text in _blocks(root):
        if len(text) > 60:
            continue
        vendor, model = catalog.split_name(text)
        vendor = vendor or _vendor_in(heading, catalog)
        known = catalog.model(vendor, model)
        if known or (vendor and _MODEL.fullmatch(model) and not model.isdigit()):
            yield {"vendor": vendor, "model": known.model if known else model}


def _builds(root: html.HtmlElement, catalog: Catalog) -> Iterator[dict[str, Any]]:  # noqa: ARG001 - readers are alike
    """Build numbers with the name, day and channel that stand in the same block or in the heading above."""
    found: dict[str, dict[str, Any]] = {}
    for heading, _element, text in _blocks(root):
        for version in _BUILD.findall(text):
            row = found.setdefault(version, {"version": version})
            for place in (text, heading):
                name, channel = _NAME.search(place), _CHANNEL.search(place)
                day = _date(place)
                if name:
                    row.setdefault("name", f"V{name[1]} {name[2]}")
                if channel:
                    word = channel[1].casefold()
                    row.setdefault("channel", "rc" if word.startswith(("rc", "release")) else word)
                if day:
                    row.setdefault("first_known", day)
    yield from found.values()


def _providers(root: html.HtmlElement, catalog: Catalog) -> Iterator[dict[str, Any]]:  # noqa: ARG001 - readers are alike
    """Links to guide pages of providers (``/docs/sip-trunk/<provider>/``)."""
    for link in root.iter("a"):
        if re.search(r"/sip-trunks?/[a-z0-9-]{2,80}/?$", (link.get("href") or "").casefold()):
            text = _text(link)
            if 2 <= len(text) <= 60:
                yield {"provider": text}


def _date(text: str) -> date | None:
    found = _DATE.search(text)
    if found is None:
        return None
    try:
        if found["iso"]:
            return date.fromisoformat(found["iso"])
        month = (found["m1"] or found["m2"])[:3].casefold()
        return date(int(found["y1"] or found["y2"]), _MONTHS.index(month) + 1, int(found["d1"] or found["d2"]))
    except ValueError:
        return None


_READERS: dict[str, Callable[[html.HtmlElement, Catalog], Iterator[dict[str, Any]]]] = {
    "builds": _builds,
    "phone_status": _phones,
    "phones": _phones,
    "trunk_status": _providers,
}
