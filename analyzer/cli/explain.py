"""``tcxtriage explain``: what a code or clause means, and why it did or did not fire on an input."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analyzer.cli.explain_clause import clause_lines, on_case_lines
from analyzer.cli.helping import examples
from analyzer.cli.language import lang_option
from analyzer.cli.output import show_lines
from analyzer.cli.own_packs import signatures_option
from analyzer.forms import labelled
from analyzer.i18n import mark, translate_plural
from analyzer.i18n import translate as _
from analyzer.names import name_of, needs_text

if TYPE_CHECKING:
    from analyzer.case import Case
    from analyzer.detect.explain import Explanation
    from analyzer.pack import Pack, Rule
    from analyzer.pack.registers import Sort
    from analyzer.scope.policy import Clause, Policy

GRADES = {
    "verbatim": mark("its text was seen as it stands here"),
    "documented": mark("documented by the source, in other words"),
    "standard": mark("follows from a standard"),
    "inferred": mark("inferred from practice, not yet seen in a real case"),
    None: mark("not said"),
}
STATES = {
    "fired": mark("It fires."),
    "silent": mark("It stays silent: its condition does not hold."),
    "undecided": mark("It stays silent, but it could not be decided everywhere."),
    "skipped": mark("It could not run."),
}
ALL_CODES = "; 'tcxtriage signatures list --all' lists the codes, 'tcxtriage policy show' the clauses."
REGISTERS: dict[Sort, tuple[str, str, str]] = {
    "engine": (mark("Part of the program, no signature."), mark("What it does"), mark("Where it shows")),
    "unbuilt": (mark("No signature looks for it yet."), mark("Why"), mark("What would unlock it")),
}
VALUE_WIDTH = 80


@click.command(
    "explain",
    epilog=examples(
        "explain TRK-07", "explain excluded.stun-phones --lang de", "explain SCOPE-07 --on bundle.zip --on Users.json"
    ),
)
@click.argument("code", metavar="CODE")
@click.option("--on", "inputs", multiple=True, metavar="INPUT", type=click.Path(exists=True), help="Say why it did or did not fire on this input; may be repeated.")  # fmt: skip
@signatures_option()
@click.option("--ticket", "ticket_file", type=click.Path(path_type=Path), help="Ticket file of the input, for clauses of the policy.")  # fmt: skip
@lang_option("the environment's")
def command(
    *, code: str, inputs: tuple[str, ...], packs: tuple[Path, ...], ticket_file: Path | None, lang: str | None
) -> None:
    """Say what the signature or policy clause CODE means; with --on, why it did or did not fire."""
    from analyzer.i18n import language, preferred
    from analyzer.pack import PackError, load_pack
    from analyzer.report.build import scrubber_of

    with language(lang or preferred(None)):
        try:
            pack = load_pack(packs)
        except PackError as wrong:
            raise click.UsageError(str(wrong)) from wrong
        code = _padded(code)
        rules = pack.rules_of(code)
        if not rules:
            show_lines(_without_rule(code, pack, inputs, packs, ticket_file))
            return
        lines = [line for rule in rules for line in (*_rule_lines(rule, pack), "")]
        if inputs:
            case = _case(inputs, packs, None)
            clean = scrubber_of(case.facts).text
            for found in _explain(pack, rules, case):
                lines += [*_lines(found, clean), ""]
        show_lines(lines[:-1])


def _padded(code: str) -> str:
    """A code as the rules write it: ``trk7`` and ``TRK-7`` mean ``TRK-07``."""
    parts = re.fullmatch(r"([A-Za-z]{2,6})-?([0-9]{1,2})", code)
    return f"{parts[1].upper()}-{int(parts[2]):02d}" if parts else code


def _without_rule(
    code: str, pack: Pack, inputs: tuple[str, ...], packs: tuple[Path, ...], ticket_file: Path | None
) -> list[str]:
    """What a code or clause means that is no rule's."""
    from analyzer.pack.registers import register
    from analyzer.pack.rule import nearest
    from analyzer.report.build import scrubber_of
    from analyzer.report.printable import printable

    said = _made(code) or [line for sort in REGISTERS for line in _registered(sort, code)]
    clause = None if said else _clause(code)
    if clause is not None:
        lines = list(clause_lines(clause))
        if inputs:
            case = _case(inputs, packs, ticket_file)
            lines += ["", *map(scrubber_of(case.facts).text, on_case_lines(clause, case, STATES))]
        return lines
    if not said:
        known = {item.code: "" for item in pack.rules} | register("engine") | register("unbuilt")
        hint = nearest(code.upper(), known) or nearest(code.lower(), tuple(item.id for item in _policy().clauses))
        raise click.UsageError(f"There is no signature or clause {code!r}{hint or ALL_CODES}")
    if not inputs:
        return said
    if code.upper() in register("unbuilt"):
        raise click.UsageError(f"No signature looks for {code}: 'explain {code}' says why.")
    if code.upper() in register("engine"):
        raise click.UsageError(f"{code} is part of the program: 'explain {code}' says where it shows.")
    case = _case(inputs, packs, ticket_file)
    clean = scrubber_of(case.facts).text
    found = [item for item in case.findings if item.code == code.upper()]
    state = _(STATES["fired" if found else "silent"])
    return [
        *said,
        "",
        labelled(_("{code} on this input").format(code=code.upper()), state),
        *(f"  {printable(clean(item.message))}" for item in found),
    ]


def _registered(sort: Sort, code: str) -> Iterator[str]:
    """A code that is part of the engine or that has no rule yet; nothing for all others."""
    from analyzer.pack.registers import register

    found = register(sort).get(code.upper())
    if found is not None:
        kind, why, where = REGISTERS[sort]
        yield labelled(found.code, found.title)
        yield _(kind)
        yield ""
        yield labelled(_(why), found.why)
        yield labelled(_(where), found.where)


def _explain(pack: Pack, rules: Sequence[Rule], case: Case) -> list[Explanation]:
    from analyzer.detect.explain import explain_on
    from analyzer.looked import looked_at

    looked = looked_at(case.artifacts, case.facts, case.options.inputs)
    return [explain_on(pack, rule, case.facts, looked=looked) for rule in rules]


def _case(inputs: tuple[str, ...], packs: tuple[Path, ...], ticket_file: Path | None) -> Case:
    from analyzer.case import analyze
    from analyzer.cli.asked import case_options
    from analyzer.cli.progress import reading

    options = case_options(inputs, ticket_file, (), None, None, signatures=packs)
    with reading() as progress:
        return analyze(options, progress)


def _policy() -> Policy:
    from analyzer.cli.asked import day_of
    from analyzer.scope.policy import Policy

    return Policy.load(None, day_of(None))


def _clause(name: str) -> Clause | None:
    """A clause by its id, or the one that makes a finding of this code."""
    policy = _policy()
    found = policy.clause(name.lower())
    if found is not None:
        return found
    return next(
        (item for item in policy.clauses if item.finding is not None and item.finding.code == name.upper()), None
    )


def _made(name: str) -> list[str]:
    """A code that the scope makes by itself, in words; empty for all others."""
    from analyzer.scope.findings import WITHOUT_CLAUSE

    found = WITHOUT_CLAUSE.get(name.upper())
    return [f"{name.upper()}: {_(found[0])}", "", _(found[1])] if found else []


def _rule_lines(rule: Rule, pack: Pack) -> Iterator[str]:
    from analyzer.i18n import current_language
    from analyzer.pack.relations import Relations

    texts = rule.text(current_language())
    yield labelled(rule.code, texts.title)
    yield _("{level}, confidence {confidence}, {status}; for the {owner}; looks at {tables}").format(
        level=_(rule.level),
        confidence=rule.confidence,
        status=rule.status,
        owner=name_of(rule.owner),
        tables=", ".join(rule.tables),
    )
    if rule.aliases:
        yield _("Also known as {codes}").format(codes=", ".join(rule.aliases))
    yield ""
    for title, text in ((_("Says"), texts.message), (_("Meaning"), rule.description), (_("Next step"), texts.remedy)):
        if text:
            yield labelled(title, text)
    yield labelled(_("Evidence"), labelled(rule.grade or _("grade"), _(GRADES[rule.grade])))
    if rule.clause:
        yield labelled(_("Policy clause"), rule.clause)
    if rule.areas:
        yield labelled(_("Areas"), ", ".join(map(name_of, rule.areas)))
    if rule.role == "context":
        yield _("Worth knowing, no problem by itself: the scope does not look at it.")
    effects = Relations(pack.by_name).effects()
    before = [cause for cause, after in effects.items() if rule.code in after]
    for title, codes in ((_("May explain"), effects.get(rule.code, ())), (_("May follow from"), before)):
        if codes:
            yield labelled(title, ", ".join(sorted(codes)))
    for title, items in ((_("Not meant"), rule.falsepositives), (_("References"), rule.references)):
        if items:
            yield labelled(title, "").rstrip()
            yield from (f"  - {item}" for item in items)
    if rule.file:
        yield labelled(_("Rule"), f"{rule.file}:{rule.line}")


def _lines(found: Explanation, clean: Callable[[str], str], indent: str = "") -> Iterator[str]:
    """What became of a rule; ``clean`` takes secrets out of what the input says."""
    from analyzer.report.printable import printable

    name = found.rule.code or found.rule.name
    yield indent + labelled(_("{code} on this input").format(code=name), _(STATES[found.state]))
    if found.needs and found.state != "fired":
        yield f"{indent}  " + labelled(_("It needs"), needs_text(found.needs))
    if found.state != "skipped":
        yield f"{indent}  " + _("Rows looked at: {rows}; true: {hits}").format(rows=found.rows, hits=found.hits)
    if found.rule.tables == ("log",) and found.rule.correlation is None and found.state != "skipped":
        yield f"{indent}  " + _("Only those records of logs were looked at in which a text of some signature stands.")
    for fields, count in sorted(found.undecided.items()):
        times = translate_plural("{n} time", "{n} times", count).format(n=count)
        yield f"{indent}  " + labelled(_("Not known"), f"{fields} ({times})")
    for finding in found.findings:
        yield f"{indent}  " + labelled(_(finding.severity), printable(clean(finding.message)))
    for candidate in found.candidates:
        at = _("At") if candidate.holds else _("Nearest")
        yield f"{indent}  " + labelled(at, printable(clean(_place(candidate.source))))
        for step in candidate.steps:
            here = _("here: {value}").format(value=printable(_short(step.value, clean)))
            yield f"{indent}    " + labelled(_(step.verdict), f"{printable(step.words)} ({here})")
    for part in found.parts:
        yield from _lines(part, clean, indent + "  ")


def _place(source: Any) -> str:  # noqa: ANN401 - a source of the facts
    from analyzer.report.rows import evidence
    from analyzer.report.text import where

    return where(evidence(source))


def _short(value: object, clean: Callable[[str], str]) -> str:
    text = "null" if value is None else clean(str(value))
    return text if len(text) <= VALUE_WIDTH else text[: VALUE_WIDTH - 1] + "…"
