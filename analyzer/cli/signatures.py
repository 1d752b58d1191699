"""``tcxtriage signatures``: list, test, check, make and convert signatures."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analyzer.cli.helping import examples
from analyzer.cli.own_packs import signatures_option

if TYPE_CHECKING:
    from analyzer.pack import Pack, Rule
    from analyzer.pack.build import Built
    from analyzer.pack.pages import Made

TARGETS = ("splunk", "elasticsearch", "loki")

_folders = signatures_option()


@click.group(
    "signatures",
    short_help="List, test, check or make signatures.",
    epilog=examples("signatures list --group TRK", "signatures test --signatures my-rules"),
)
def command() -> None:
    """The signatures: Sigma rules that carry their own samples."""


def _load(packs: tuple[Path, ...]) -> Pack:
    from analyzer.pack import PackError, load_pack

    try:
        return load_pack(packs)
    except PackError as wrong:
        raise click.UsageError(str(wrong)) from wrong


def _build(packs: tuple[Path, ...]) -> Built:
    """The pack compiled anew, whatever the cache holds."""
    from analyzer.pack import PackError
    from analyzer.pack.build import build_pack
    from analyzer.pack.folder import open_folder, own_folder

    try:
        return build_pack([open_folder(own_folder(), own=True), *(open_folder(path, own=False) for path in packs)])
    except PackError as wrong:
        raise click.UsageError(str(wrong)) from wrong


@command.command("list", epilog=examples("signatures list --group TRK", "signatures list --all --format json"))
@click.option("--group", metavar="GROUP", help="Only codes of this group: TRK, SCOPE, MED …")
@click.option("--all", "whole", is_flag=True, help="Also aliases, codes that the scope or the program makes, and codes without a rule.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_folders
def list_(*, group: str | None, whole: bool, form: str, packs: tuple[Path, ...]) -> None:
    """List the signatures."""
    pack = _load(packs)
    if group is not None:
        groups = sorted({_group(code) for code in (*(rule.code for rule in pack.rules), *_others(pack))})
        if group.upper() not in groups:
            raise click.UsageError(f"There is no group {group!r}; there are {', '.join(groups)}.")

    def wanted(code: str) -> bool:
        return group is None or _group(code) == group.upper()

    rules = [rule for rule in pack.rules if wanted(rule.code)]
    others = {code: said for code, said in _others(pack).items() if wanted(code)} if whole else {}
    if form == "json":
        shown: dict[str, Any] = {"version": pack.version, "signatures": [_as_json(rule) for rule in rules]}
        if whole:
            shown["others"] = [{"code": code, "sort": sort, "title": text} for code, (sort, text) in others.items()]
        click.echo(json.dumps(shown, indent=1, ensure_ascii=False))
    else:
        for rule in rules:
            click.echo(f"{rule.code:<10} {rule.level:<9} {rule.owner:<9} {','.join(rule.tables):<18} {rule.title}")
        for code, (sort, text) in others.items():
            click.echo(f"{code:<10} {sort:<38} {text}")
        click.echo(f"{len(rules)} signatures, pack {pack.version}")
    for problem in pack.problems:
        click.echo(f"left out: {problem}", err=True)


def _group(code: str) -> str:
    return code.split("-", maxsplit=1)[0]


def _others(pack: Pack) -> dict[str, tuple[str, str]]:
    """Codes that are no rule's, by code: what sort they are, and their title (of an alias the code that it stands for)."""
    from analyzer.pack.registers import register

    found = {alias: ("alias", rule.code) for rule in pack.rules for alias in rule.aliases}
    found |= {code: ("scope", item.title) for code, item in _made().items() if pack.rule(code) is None}
    for sort in ("engine", "unbuilt"):
        found |= {code: (sort, entry.title) for code, entry in register(sort).items()}
    return dict(sorted(found.items()))


def _made() -> dict[str, Made]:
    from datetime import UTC, datetime

    from analyzer.scope.codes import made_codes
    from analyzer.scope.policy import Policy

    return made_codes(Policy.load(None, datetime.now(tz=UTC).date()))


def _as_json(rule: Rule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "title": rule.title,
        "severity": rule.level,
        "confidence": rule.confidence,
        "owner": rule.owner,
        "status": rule.status,
        "grade": rule.grade,
        "clause": rule.clause,
        "areas": list(rule.areas),
        "aliases": list(rule.aliases),
        "tables": list(rule.tables),
        "file": rule.file,
    }


@command.command("test", epilog=examples("signatures test", "signatures test --signatures my-rules"))
@_folders
def test(packs: tuple[Path, ...]) -> int:
    """Run the samples of every signature. Exit code 1 when one contradicts its rule or a rule does not load."""
    built = _build(packs)
    samples: Counter[str] = Counter()
    for draft in built.drafts.values():
        for side, entries in (draft.document.data.get("samples") or {}).items():
            samples[side] += len(entries)
    for problem in built.problems:
        click.echo(str(problem), err=True)
    rules = sum(bool(draft.rule.code) for draft in built.drafts.values())
    click.echo(f"{rules} rules ok, {samples['fires']} firing and {samples['silent']} silent samples")
    return _ended(len(built.problems), "fault", "faults")


def _ended(count: int, one: str, many: str) -> int:
    if count:
        click.echo(f"{count} {one if count == 1 else many}", err=True)
    return 1 if count else 0


@command.command(
    "lint", epilog=examples("signatures lint", "signatures lint --signatures my-rules --healthy healthy-bundle.zip")
)
@click.option("--healthy", "cases", multiple=True, type=click.Path(exists=True), help="A case in which nothing is wrong: rules above info must stay silent on it; may be repeated.")  # fmt: skip
@_folders
def lint(cases: tuple[str, ...], packs: tuple[Path, ...]) -> int:
    """Check the signatures beyond their samples. Exit code 1 when something is found."""
    from datetime import UTC, datetime

    from analyzer.pack.lint import lint as check
    from analyzer.scope.policy import Policy

    policy = Policy.load(None, datetime.now(tz=UTC).date())
    found = [str(item) for item in check(_build(packs), frozenset(clause.id for clause in policy.clauses))]
    found += [line for case in cases for line in _on_healthy(case, packs)]
    for line in found:
        click.echo(line)
    return _ended(len(found), "finding", "findings")


def _on_healthy(path: str, packs: tuple[Path, ...]) -> list[str]:
    from datetime import UTC, datetime

    from analyzer.case import Options, analyze
    from analyzer.ticket import load_ticket

    today = datetime.now(tz=UTC).date()
    case = analyze(Options(inputs=[path], ticket=load_ticket(None), ticket_given=False, as_of=today, signatures=packs))
    codes = {rule.code: rule for rule in case.pack.rules}
    return [
        f"{codes[item.code].file}:{codes[item.code].line}: {item.code} fires on {path}, where nothing is wrong: {item.message} [healthy]"
        for item in case.findings
        if item.severity != "info" and item.code in codes
    ]


@command.command(
    "new",
    epilog=examples(
        "signatures new TRK-90 --title 'Provider refuses calls' --line '…|Erro| …' -o trk_90.yaml",
        "signatures new PHN-90 --title 'Old phone' --table phone --row '{…}' --field model",
    ),
    short_help="Make a rule from a log line or a row.",
)
@click.argument("code")
@click.option("--title", required=True, help="What is wrong, in a few words.")
@click.option("--line", help="A line of a log that shows the problem; '-' reads it from standard input.")
@click.option("--kind", default="service_log", show_default=True, help="Kind of the log that the line is from.")
@click.option("--row", help="A row as JSON (of the report) that shows the problem; '-' reads it from standard input.")
@click.option("--table", help="Table of the row: phone, trunk, call …")
@click.option("--field", "fields", multiple=True, help="Column of the row to look at; may be repeated (default: all).")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write the rule there; it must not exist.")
def new(
    *,
    code: str,
    title: str,
    line: str | None,
    kind: str,
    row: str | None,
    table: str | None,
    fields: tuple[str, ...],
    output: Path | None,
) -> None:
    """Make a rule from a log line or a row. It loads as it is; its words, level and samples want work."""
    from analyzer.pack import PackError
    from analyzer.pack.new import from_line, from_row
    from analyzer.pack.rule import CODE

    if not CODE.fullmatch(code):
        raise click.UsageError(f"Code {code!r} is not of the form TRK-07.")
    if (line is None) == (row is None):
        raise click.UsageError("Give either --line or --row.")
    try:
        if line is not None:
            text = from_line(code, title, kind, _given(line).rstrip("\r\n"))
        else:
            text = from_row(code, title, _needed(table), _row(_given(row or "")), fields)
    except PackError as wrong:
        raise click.UsageError(str(wrong)) from wrong
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise click.FileError(str(output), hint=error.strerror or str(error)) from error
    click.echo(f"Rule written to {output}.", err=True)


def _given(text: str) -> str:
    return sys.stdin.read() if text == "-" else text


def _needed(table: str | None) -> str:
    if table is None:
        raise click.UsageError("--row needs --table.")
    return table


def _row(text: str) -> dict[str, Any]:
    try:
        row = json.loads(text)
    except ValueError as error:
        raise click.UsageError(f"The row is no JSON: {error}") from error
    if not isinstance(row, dict):
        raise click.UsageError("The row is no JSON object.")
    return row


@command.command("docs", epilog=examples("signatures docs docs/signatures"), short_help="Write a page for every code.")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@_folders
def docs(folder: Path, packs: tuple[Path, ...]) -> int:
    """Write a page for every code and an overview into FOLDER; pages of codes that are gone are removed."""
    from analyzer.pack.pages import pages
    from analyzer.pack.rule import CODE

    pack = _load(packs)
    for problem in pack.problems:
        click.echo(f"left out: {problem}", err=True)
    made = pages(pack, _made())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.glob("*.md"):
            if path.name not in made and CODE.fullmatch(path.stem):
                path.unlink()
        for name, text in made.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.FileError(str(folder), hint=error.strerror or str(error)) from error
    click.echo(f"{len(made)} pages written to {folder}.", err=True)
    return 1 if pack.problems else 0


@command.command(
    "convert",
    epilog=examples("signatures convert --to splunk", "signatures convert SYS-01 TRK-07 --to loki"),
    short_help="Print log rules as queries of another system.",
)
@click.argument("codes", nargs=-1)
@click.option("--to", "target", type=click.Choice(TARGETS), required=True, help="System whose queries are wanted.")
@_folders
def convert(codes: tuple[str, ...], target: str, packs: tuple[Path, ...]) -> int:
    """Print log rules as queries of another system (all that can be converted, or those of CODES)."""
    from analyzer.pack import PackError
    from analyzer.pack.convert import backend_of, convertible
    from analyzer.pack.convert import convert as queries_of

    built = _build(packs)
    coded = [draft for draft in built.drafts.values() if draft.rule.code]
    wanted = [draft for draft in coded if convertible(draft)]
    if codes:
        asked = [[draft for draft in coded if draft.rule.code == code.upper()] for code in codes]
        for code, drafts in zip(codes, asked, strict=True):
            if not drafts:
                raise click.UsageError(f"There is no signature {code!r}.")
        # of a code with several rules those over logs; where there are none, the first says why
        wanted = [draft for drafts in asked for draft in [d for d in drafts if convertible(d)] or drafts[:1]]
    try:
        backend_of(target)
    except PackError as wrong:
        raise click.UsageError(str(wrong)) from wrong
    failed = 0
    for draft in wanted:
        try:
            queries = queries_of(draft, target)
        except PackError as wrong:
            failed += 1
            click.echo(str(wrong), err=True)
            continue
        for query in queries:
            click.echo(f"# {draft.rule.code} {draft.rule.title}\n{query}")
    return _ended(failed, "rule was not converted", "rules were not converted")


_key_file = click.option(
    "--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True, help="The key, as PEM."
)


@command.command("sign", epilog=examples("signatures sign my-rules --key private.pem"), short_help="Sign a pack.")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_key_file
def sign(folder: Path, key: Path) -> None:
    """Sign the pack in FOLDER with an Ed25519 private key (openssl genpkey -algorithm ed25519)."""
    from analyzer.pack import PackError
    from analyzer.pack.signing import sign as write

    try:
        path = write(folder, key.read_text("ascii", "replace"))
    except PackError as wrong:
        raise click.UsageError(str(wrong)) from wrong
    except OSError as error:
        raise click.FileError(str(folder), hint=error.strerror or str(error)) from error
    click.echo(f"Signature written to {path}.", err=True)


@command.command(
    "verify",
    epilog=examples("signatures verify my-rules --key public.pem"),
    short_help="Check the signature of a pack.",
)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_key_file
def verify(folder: Path, key: Path) -> int:
    """Check that the pack in FOLDER is as the holder of the public key signed it. Exit code 1 when it is not."""
    from analyzer.pack import PackError
    from analyzer.pack.signing import verify as check

    try:
        check(folder, key.read_text("ascii", "replace"))
    except PackError as wrong:
        click.echo(str(wrong), err=True)
        return 1
    click.echo("The signature holds.")
    return 0
