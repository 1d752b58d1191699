"""``tcxtriage explain``: what a code or clause means, and why it did or did not fire on an input."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from analyzer.detect.explain import Explanation
    from analyzer.pack import Rule
    from analyzer.scope.policy import Clause

GRADES = {
    "verbatim": "its text was seen as it stands here",
    "documented": "documented by the source, in other words",
    "standard": "follows from a standard",
    "inferred": "inferred from practice, not yet seen in a real case",
    None: "not said",
}
STATES = {
    "fired": "It fires.",
    "silent": "It stays silent: its condition does not hold.",
    "undecided": "It stays silent, but it could not be decided everywhere.",
    "skipped": "It could not run.",
}
VALUE_WIDTH = 80


@click.command("explain")
@click.argument("code", metavar="CODE")
@click.option("--on", "inputs", multiple=True, metavar="INPUT", type=click.Path(exists=True), help="Say why it did or did not fire on this input; may be repeated.")  # fmt: skip
@click.option("--signatures", "packs", multiple=True, type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder with further signatures; may be repeated.")  # fmt: skip
def command(code: str, inputs: tuple[str, ...], packs: tuple[Path, ...]) -> None:
    """Say what the signature or policy clause CODE means; with --on, why it did or did not fire."""
    from analyzer.i18n import language, preferred
    from analyzer.pack import PackError, load_pack
    from analyzer.pack.rule import nearest

    with language(preferred(None)):
        try:
            pack = load_pack(packs)
        except PackError as wrong:
            raise click.UsageError(str(wrong)) from wrong
        rule = pack.rule(code)
        if rule is None:
            clause = _clause(code)
            if clause is None:
                known = {item.code: "" for item in pack.rules}
                raise click.UsageError(f"There is no signature or clause {code!r}{nearest(code.upper(), known)}")
            if inputs:
                raise click.UsageError(f"{code} comes from the policy; 'analyze' shows why it applies.")
            click.echo("\n".join(_clause_lines(clause)))
            return
        lines = list(_rule_lines(rule))
        if inputs:
            lines += ["", *_lines(_explain(rule, inputs, packs))]
        click.echo("\n".join(lines))


def _explain(rule: Rule, inputs: tuple[str, ...], packs: tuple[Path, ...]) -> Explanation:
    from analyzer.case import Options, analyze
    from analyzer.cli.progress import reading
    from analyzer.detect.explain import explain_on
    from analyzer.looked import looked_at
    from analyzer.ticket import load_ticket

    options = Options(
        inputs=inputs,
        ticket=load_ticket(None),
        ticket_given=False,
        as_of=datetime.now(tz=UTC).date(),
        signatures=packs,
    )
    with reading() as progress:
        case = analyze(options, progress)
    return explain_on(case.pack, rule, case.facts, looked=looked_at(case.artifacts, case.facts))


def _clause(name: str) -> Clause | None:
    """A clause by its id, or the one that makes a finding of this code."""
    from analyzer.scope.policy import Policy

    policy = Policy.load(None, datetime.now(tz=UTC).date())
    found = policy.clause(name.lower())
    if found is not None:
        return found
    return next(
        (item for item in policy.clauses if item.finding is not None and item.finding.code == name.upper()), None
    )


def _clause_lines(clause: Clause) -> Iterator[str]:
    yield f"{clause.id}: {clause.title}"
    yield ""
    yield clause.text
    for item in clause.rules:
        yield ""
        yield f"{item.effect.capitalize()}: {item.why}"
        for way in item.way_back:
            yield f"  Way back: {way.action}"


def _rule_lines(rule: Rule) -> Iterator[str]:
    from analyzer.i18n import current_language

    texts = rule.text(current_language())
    yield f"{rule.code}: {texts.title}"
    yield f"{rule.level}, confidence {rule.confidence}, {rule.status}; for the {rule.owner}; looks at {', '.join(rule.tables)}"
    if rule.aliases:
        yield f"Also known as {', '.join(rule.aliases)}"
    yield ""
    for title, text in (("Says", texts.message), ("Meaning", rule.description), ("Next step", texts.remedy)):
        if text:
            yield f"{title}: {text}"
    yield f"Evidence: {rule.grade or 'grade'}: {GRADES[rule.grade]}"
    if rule.clause:
        yield f"Policy clause: {rule.clause}"
    for title, items in (("Not meant", rule.falsepositives), ("References", rule.references)):
        if items:
            yield f"{title}:"
            yield from (f"  - {item}" for item in items)
    if rule.file:
        yield f"Rule: {rule.file}:{rule.line}"


def _lines(found: Explanation, indent: str = "") -> Iterator[str]:
    from analyzer.report.text import printable

    name = found.rule.code or found.rule.name
    yield f"{indent}{name} on this input: {STATES[found.state]}"
    if found.needs and found.state != "fired":
        yield f"{indent}  It needs {found.needs}."
    if found.state != "skipped":
        yield f"{indent}  Rows looked at: {found.rows}; true: {found.hits}"
    for fields, count in sorted(found.undecided.items()):
        yield f"{indent}  Not known: {fields} ({count} times)"
    for finding in found.findings:
        yield f"{indent}  {finding.severity}: {printable(finding.message)}"
    for candidate in found.candidates:
        yield f"{indent}  {'At' if found.state == 'fired' else 'Nearest'}: {printable(_place(candidate.source))}"
        for step in candidate.steps:
            yield f"{indent}    {step.verdict}: {printable(step.words)} (here: {printable(_short(step.value))})"
    for part in found.parts:
        yield from _lines(part, indent + "  ")


def _place(source: Any) -> str:  # noqa: ANN401 - a source of the facts
    from analyzer.report.rows import evidence
    from analyzer.report.text import where

    return where(evidence(source))


def _short(value: object) -> str:
    text = "null" if value is None else str(value)
    return text if len(text) <= VALUE_WIDTH else text[: VALUE_WIDTH - 1] + "…"
