"""``tcxtriage catalog``: show, check or refresh the reference data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from analyzer.cli.asked import DAY
from analyzer.cli.helping import examples

NAMES = (
    "agents", "builds", "cves", "eol", "gateways", "hardware", "integrations", "phone_status", "phones", "templates",
    "trunk_status", "trunks",
)  # fmt: skip
LISTS = f"\b\nLists:\n  {' '.join(NAMES[:6])}\n  {' '.join(NAMES[6:])}\n\n"


class RefusedError(click.ClickException):
    """A file that cannot be taken: the user's to mend."""

    exit_code = 2


@click.group(epilog=examples("catalog show phones --filter T46", "catalog import eol list.csv --dry-run"))
def command() -> None:
    """Show, check or refresh the reference data."""


@command.command(epilog=LISTS + examples("catalog show", "catalog show phones --filter T46"))
@click.argument("name", type=click.Choice(NAMES), metavar="[NAME]", required=False)
@click.option("--filter", "wanted", metavar="TEXT", help="Only rows that contain TEXT, in letters of either case.")
@click.option("--as-of", type=DAY, metavar="DATE", help="Only what was known on that day.")
def show(name: str | None, wanted: str | None, as_of: datetime | None) -> None:
    """Show a list, or all lists with their days."""
    from analyzer.catalog import Catalog

    catalog = Catalog.load(as_of.date() if as_of else datetime.now(UTC).date())
    if name is None:
        for each in NAMES:
            stored = catalog.stored(each)
            rows = len(getattr(stored.content, "rows", []))
            click.echo(f"{each:<14} {rows:>5} rows, newest source {stored.as_of}  {_where(stored.path)}".rstrip())
        return
    stored = catalog.stored(name)
    shown = 0
    for text in _lines(stored.content, catalog.day):
        if wanted is None or wanted.casefold() in text.casefold():
            click.echo(text)
            shown += 1
    click.echo(
        f"{shown} {'row' if shown == 1 else 'rows'} of {name}, newest source {stored.as_of}, {stored.path}", err=True
    )


def _where(path: Path) -> str:
    from analyzer.catalog.store import packaged_dir

    return "" if path.parent == packaged_dir() else f"({path})"


def _lines(content: Any, day: Any) -> Iterator[str]:  # noqa: ANN401 - any list
    """Each row known on the day, its values by column."""
    import msgspec

    for row in content.rows:
        first = getattr(row, "first_known", None)
        if first is not None and first > day:
            continue
        values = msgspec.to_builtins(row)
        last = {column: values.pop(column, None) for column in ("note", "source", "as_of")}
        shown = (values | last).items()
        yield "  ".join(f"{column}={_plain(value)}" for column, value in shown if value not in (None, [], ""))


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ",".join(_plain(part) for part in value)
    if isinstance(value, dict):
        return "/".join(f"{key} {_plain(part)}" for key, part in value.items())
    return str(value)


@command.command(epilog=LISTS + examples("catalog check", "catalog check builds phones"), short_help="Check lists.")
@click.argument("names", nargs=-1, metavar="[NAME]...", type=click.Choice(NAMES))
def check(names: tuple[str, ...]) -> None:
    """Check lists: schema, days, duplicates, regular expressions, examples, age. Exit code 1 for an error."""
    from analyzer.catalog.check import check as look
    from analyzer.catalog.places import user_dir
    from analyzer.catalog.store import CatalogError, choose, open_list

    today = datetime.now(UTC).date()
    errors = 0
    for name in names or NAMES:
        try:
            own = user_dir() / f"{name}.yaml"
            stored = open_list(name, own.parent) if own.is_file() else choose(name)
        except CatalogError as wrong:
            click.echo(f"error  {name}: {wrong}")
            errors += 1
            continue
        remarks = look(stored, today)
        for remark in remarks:
            click.echo(f"{remark.level:<6} {remark.catalog}: {remark.text}")
        errors += sum(remark.level == "error" for remark in remarks)
        if not remarks:
            click.echo(f"ok     {name}: {len(getattr(stored.content, 'rows', []))} rows")
    if errors:
        click.echo(f"{errors} errors", err=True)
        raise click.exceptions.Exit(1)


@command.command(
    "import",
    epilog=LISTS
    + examples(
        "catalog import builds saved-page.html --dry-run",
        'catalog import eol list.csv --source "vendor notice" --as-of 2026-05-01',
    ),
    short_help="Refresh a list from a file.",
)
@click.argument("name", metavar="NAME", type=click.Choice(NAMES))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), help="Folder to write to instead of your own."
)
@click.option(
    "--as-of", type=DAY, metavar="DATE", help="The day on which the file was current; else when it was saved."
)
@click.option("--source", metavar="TEXT", help="Where it comes from; else the address in the page, or the file's name.")
@click.option("--dry-run", is_flag=True, help="Only print the differences.")
def import_(
    name: str, file: Path, into: Path | None, as_of: datetime | None, source: str | None, *, dry_run: bool
) -> None:
    """Refresh a list from a saved web page, a CSV, or an export of templates (JSON), and print what changes.

    A CSV has the list's columns in its first line (see ``catalog show NAME``). The list is written to your own catalogue
    folder, where it is used as long as it is as new as the packaged one.
    """
    from analyzer.catalog import Catalog, CatalogError
    from analyzer.catalog.imports import merge, save
    from analyzer.catalog.places import user_dir
    from analyzer.catalog.saved import read_saved
    from analyzer.catalog.store import open_list

    today = datetime.now(UTC).date()
    catalog = Catalog.load(today)
    try:
        found = read_saved(name, file, catalog, as_of=as_of.date() if as_of else None, source=source)
        folder = into or user_dir()
        stored = open_list(name, folder) if (folder / f"{name}.yaml").is_file() else catalog.stored(name)
        content, told = merge(stored, found, today)
        for line in told.lines():
            click.echo(line)
        summary = f"{len(told.added)} new, {len(told.changed)} changed, {len(told.gone)} no longer named"
        if dry_run:
            click.echo(f"{summary}; nothing written", err=True)
        else:
            click.echo(f"{summary}; written to {save(content, folder)}", err=True)
    except CatalogError as wrong:
        raise RefusedError(str(wrong)) from wrong
