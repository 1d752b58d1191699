"""Rule files to a checked pack. Needs pySigma; a warm start reads the result from the cache instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct, field

from analyzer import __version__
from analyzer.pack import ir
from analyzer.pack.document import read_documents
from analyzer.pack.errors import PackError, Problem
from analyzer.pack.folder import Folder
from analyzer.pack.necessary import patterns
from analyzer.pack.regex import Necessary, UnsupportedError
from analyzer.pack.rule import Draft, read_rule
from analyzer.pack.samples import check_samples
from analyzer.pack.scan import Scanner, build
from analyzer.pack.tables import LOG


class Built(Struct):
    """A pack, the drafts it was made of (by name), its scanner's database, and the faults of what was left out."""

    compiled: ir.Compiled
    drafts: dict[str, Draft]
    database: Any
    problems: list[Problem] = field(default_factory=list)


def build_pack(folders: list[Folder]) -> Built:
    """Read, check and compile the rules of all folders; later ones override or switch off those before them."""
    problems: list[Problem] = []
    drafts: dict[str, Draft] = {}
    for folder in folders:
        found = list(_read(folder, problems))
        for draft in found:
            _add(drafts, draft, folder, problems)
        for code in folder.disable:
            gone = [name for name, draft in drafts.items() if draft.rule.code == code]
            if not gone:
                problems.append(Problem(folder.label("pack.yaml"), 0, f"disable: there is no rule {code}"))
            for name in gone:
                del drafts[name]
    _resolve(drafts, problems)
    needed = _patterns(drafts, problems)
    database = _database(needed, drafts, problems)
    rules = {name: draft.rule for name, draft in drafts.items()}
    scanner = Scanner.of(database)
    for name, draft in list(drafts.items()):
        has_samples = draft.rule.code or "samples" in draft.document.data
        faults = check_samples(draft.rule, rules, draft.document, scanner) if has_samples else []
        problems.extend(faults)
        if faults:
            del drafts[name]
    _resolve(drafts, problems)
    order = sorted(drafts.values(), key=lambda draft: (not draft.rule.code, draft.rule.code, draft.rule.name))
    compiled = ir.Compiled(
        version="+".join(folder.version for folder in folders),
        engine=__version__,
        rules=tuple(draft.rule for draft in order),
        patterns=tuple(needed),
        silenced=tuple(sorted(_silenced(drafts))),
        problems=tuple(str(item) for item in sorted(problems)),
    )
    return Built(compiled, drafts, database, sorted(problems))


def _read(folder: Folder, problems: list[Problem]) -> Iterator[Draft]:
    for path in folder.files():
        try:
            documents = read_documents(path, folder.label(path))
        except PackError as error:
            problems.extend(error.problems)
            continue
        for document in documents:
            draft, faults = read_rule(document)
            problems.extend(faults)
            if draft is not None:
                yield draft


def _add(drafts: dict[str, Draft], draft: Draft, folder: Folder, problems: list[Problem]) -> None:
    rule = draft.rule
    same = drafts.get(rule.name)
    if same is not None and folder.owns(same.rule.file):
        problems.append(draft.document.problem(f"name {rule.name!r} stands in {same.rule.file} already", "name"))
        return
    drafts[rule.name] = draft


def _resolve(drafts: dict[str, Draft], problems: list[Problem]) -> None:
    """Give each correlation the tables of its rules; leave out those whose rules are not there or go in circles."""
    while True:
        lost = [name for name, draft in drafts.items() if draft.rule.correlation and not _known(name, drafts, problems)]
        if not lost:
            break
        for name in lost:
            del drafts[name]
    for draft in drafts.values():
        if draft.rule.correlation:
            draft.rule = _with_tables(draft.rule, tuple(dict.fromkeys(_tables(draft.rule, drafts))))


def _with_tables(rule: ir.Rule, tables: tuple[str, ...]) -> ir.Rule:
    import msgspec

    return msgspec.structs.replace(rule, tables=tables)


def _known(name: str, drafts: dict[str, Draft], problems: list[Problem]) -> bool:
    draft = drafts[name]
    joined = draft.rule.correlation
    assert joined is not None
    for wanted in joined.rules:
        if wanted not in drafts:
            problems.append(draft.document.problem(f"rule {wanted!r} is not there", "correlation", "rules"))
            return False
        if name in _below(wanted, drafts, set()):
            problems.append(draft.document.problem(f"rule {wanted!r} rests on this one", "correlation", "rules"))
            return False
    return True


def _below(name: str, drafts: dict[str, Draft], seen: set[str]) -> set[str]:
    """A rule and all that it rests on."""
    if name not in seen and name in drafts:
        seen.add(name)
        joined = drafts[name].rule.correlation
        for wanted in joined.rules if joined else ():
            _below(wanted, drafts, seen)
    return seen


def _tables(rule: ir.Rule, drafts: dict[str, Draft]) -> Iterable[str]:
    if rule.correlation is None:
        return rule.tables
    return [table for name in rule.correlation.rules for table in _tables(drafts[name].rule, drafts)]


def _silenced(drafts: dict[str, Draft]) -> set[str]:
    """Names of rules for which a correlation speaks: by Sigma, those of a correlation that does not say generate."""
    joined = [draft.rule.correlation for draft in drafts.values() if draft.rule.correlation]
    spoken_for = {name for item in joined if not item.generate for name in item.rules}
    return spoken_for - {name for item in joined if item.generate for name in item.rules}


def _patterns(drafts: dict[str, Draft], problems: list[Problem]) -> list[ir.Pattern]:
    wanted: dict[tuple[str, bool], list[str]] = {}
    for name, draft in list(drafts.items()):
        rule = draft.rule
        if rule.condition is None or rule.table != LOG:
            continue
        try:
            found: tuple[Necessary, ...] = patterns(rule.condition)
        except UnsupportedError as error:
            problems.append(draft.document.problem(str(error), "detection"))
            del drafts[name]
            continue
        for item in found:
            wanted.setdefault((item.expression, item.caseless), []).append(name)
    return [ir.Pattern(expression, caseless, tuple(names)) for (expression, caseless), names in wanted.items()]


def _database(needed: list[ir.Pattern], drafts: dict[str, Draft], problems: list[Problem]) -> Any:  # noqa: ANN401 - the binding is imported late
    """The scanner's database; patterns that it does not take are looked for one by one and their rules left out."""
    import hyperscan

    if not needed:
        return None
    try:
        return build(needed)
    except hyperscan.error:
        pass
    for pattern in list(needed):
        try:
            build([pattern])
        except hyperscan.error as error:
            needed.remove(pattern)
            text = f"the line scanner does not take the pattern: {error}"
            gone = [drafts.pop(name).document for name in pattern.rules if name in drafts]
            problems.extend(document.problem(text, "detection") for document in gone)
    return build(needed) if needed else None
