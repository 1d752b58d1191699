"""Where the catalogues lie, and how they are read."""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from analyzer.i18n import DOMAIN, LOCALE_DIR

HERE = LOCALE_DIR


def path_of(language: str, ending: str) -> Path:
    """The ``po`` or ``mo`` file of a language."""
    return HERE / language / "LC_MESSAGES" / f"{DOMAIN}.{ending}"


def load(language: str) -> Catalog:
    """A language's catalogue; an empty one where there is none yet."""
    path = path_of(language, "po")
    if not path.exists():
        return Catalog(locale=language, domain=DOMAIN, project="tcxtriage", fuzzy=False)
    with path.open("rb") as source:
        catalog = read_po(source, locale=language, domain=DOMAIN)
    catalog.project, catalog.version, catalog.msgid_bugs_address = "tcxtriage", "0.1", ""
    catalog.header_comment = f"# Texts of tcxtriage: {language}"
    catalog.last_translator = catalog.language_team = "the tcxtriage authors"
    return catalog
