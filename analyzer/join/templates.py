"""What the case's own template lists say of a template file."""

from __future__ import annotations

from collections import defaultdict

from msgspec import Struct

from analyzer.catalog import Catalog
from analyzer.catalog.models import model_key, split_suffix, vendor_key
from parsers.facts import Facts, Source
from parsers.facts.inventory import Template

CUSTOM_FOLDER = "customtemplates"


class TemplateVerdict(Struct, frozen=True):
    """``custom`` with the place that says so; ``template_type`` only from a live export (the header of a template file
    says "supported" even in self-made ones); ``name`` as 3CX shows the template.
    """

    custom: bool | None = None
    custom_source: Source | None = None
    template_type: str | None = None
    type_source: Source | None = None
    name: str | None = None


NOTHING = TemplateVerdict()


class TemplateIndex:
    """All template rows of a case by file name."""

    def __init__(self, facts: Facts, catalog: Catalog) -> None:
        self._catalog = catalog
        self._rows: dict[str, list[Template]] = defaultdict(list)
        self._live_kinds: set[str] = set()
        for row in facts.of(Template):
            if row.file:
                self._rows[_name(row.file)].append(row)
            if row.from_pbx and row.kind:
                self._live_kinds.add("provider" if row.kind == "messaging" else row.kind)

    def look_up(self, file: str | None, kind: str) -> TemplateVerdict:
        """What is known of a template file in use. ``kind``: phone, fxs or provider."""
        if not file:
            return NOTHING
        rows = self._rows.get(_name(file), [])
        live = [row for row in rows if row.from_pbx]
        typed = next((row for row in live if row.template_type), None)
        named = next((row for row in (*live, *rows) if row.name), None)
        custom, place = self._custom(file, kind, live, rows)
        return TemplateVerdict(
            custom=custom,
            custom_source=place,
            template_type=typed.template_type if typed else None,
            type_source=typed.source_of("template_type") if typed else None,
            name=named.name if named else None,
        )

    def listed(self, kind: str) -> bool:
        """Whether a live export of the case lists templates of a kind."""
        return kind in self._live_kinds

    def stock_names(self, file: str | None, vendor: str | None, model: str | None) -> bool:
        """Whether a stock template of a live export, of that file, names the model."""
        if not file or not model:
            return False
        key, maker = model_key(model, vendor), vendor_key(vendor)
        for row in self._rows.get(_name(file), []):
            if not row.from_pbx or row.custom is not False:
                continue
            for shown in row.models:
                owner, rest = self._catalog.split_name(split_suffix(shown, file)[0])
                if model_key(rest, owner or vendor) == key and (owner is None or vendor_key(owner) == maker):
                    return True
        return False

    def _custom(
        self, file: str, kind: str, live: list[Template], rows: list[Template]
    ) -> tuple[bool | None, Source | None]:
        """Ladder: the PBX's own mark, the folder, a header that names the template it was copied from, the stock list."""
        marked = next((row for row in live if row.custom is not None), None)
        if marked:
            return marked.custom, marked.source_of("custom")
        if CUSTOM_FOLDER in file.casefold():
            return True, None
        own = next((row for row in rows if row.custom or row.copied_from), None)
        if own:
            return True, own.source_of("custom" if own.custom else "copied_from")
        stock = self._catalog.is_stock(_name(file), kind)
        return (None, None) if stock is None else (not stock, None)


def _name(file: str) -> str:
    """The file's own name, lower case."""
    return file.replace("\\", "/").rpartition("/")[2].casefold()
