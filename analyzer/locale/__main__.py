"""``python -m analyzer.locale update|compile|check``: keeps the catalogues in step with the texts.

``update`` collects all texts (Python, pages, policy, words of the report) into ``tcxtriage.pot`` and merges them into each
language's ``.po``; ``compile`` writes the ``.mo`` files that the program reads; ``check`` says what is missing or does not fit.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

from babel.messages.mofile import write_mo
from babel.messages.pofile import write_po

from analyzer.i18n import LANGUAGES
from analyzer.locale.collect import collect
from analyzer.locale.faults import faults_of
from analyzer.locale.files import HERE, load, path_of


def update() -> int:
    """Write the template and merge it into every language."""
    template = collect()
    _write(lambda out: write_po(out, template, width=110, omit_header=True), "tcxtriage.pot")
    for language in LANGUAGES[1:]:
        catalog = load(language)
        catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
        catalog.obsolete.clear()
        path_of(language, "po").parent.mkdir(parents=True, exist_ok=True)
        with path_of(language, "po").open("wb") as out:
            write_po(out, catalog, width=110, sort_output=True, no_location=True)
    return 0


def compile_all() -> int:
    """Write what the program reads."""
    for language in LANGUAGES[1:]:
        with path_of(language, "mo").open("wb") as out:
            write_mo(out, load(language))
    return 0


def check() -> int:
    """Print every fault; 1 where there is one."""
    template = collect()
    found = [f"{language}: {fault}" for language in LANGUAGES[1:] for fault in faults_of(load(language), template)]
    print("\n".join(found) or "all languages are whole")  # noqa: T201 - a developer's command
    return 1 if found else 0


def _write(writer: Callable[[io.BytesIO], None], name: str) -> None:
    out = io.BytesIO()
    writer(out)
    (HERE / name).write_bytes(out.getvalue())


VERBS = {"update": update, "compile": compile_all, "check": check}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in VERBS:
        sys.exit(__doc__)
    sys.exit(VERBS[sys.argv[1]]())
