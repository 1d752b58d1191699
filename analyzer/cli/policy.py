"""``tcxtriage policy``: the support policy, clause by clause."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

import click

from analyzer.cli.asked import DAY, day_of
from analyzer.cli.helping import examples
from analyzer.cli.language import lang_option
from analyzer.cli.output import terminal_width

if TYPE_CHECKING:
    from analyzer.scope.policy import Policy

KIND_LETTERS = ("S", "C", "R", "P", "T", "E", "A")


@click.group("policy", epilog=examples("policy show excluded.stun-phones", "policy show 'entitle.*' --lang es"))
def command() -> None:
    """Show the support policy that cases are judged by."""


@command.command(
    "show",
    epilog=examples("policy show", "policy show 'excluded.*' --lang es", "policy show --kind s --format json"),
    short_help="Show all clauses, or those named.",
)
@click.argument("clauses", nargs=-1, metavar="[CLAUSE]...")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KIND_LETTERS, case_sensitive=False), help="Only clauses of a kind: S system-wide, C component, R request, P prerequisite, T ticket, E entitlement, A advisory.")  # fmt: skip
@click.option("--policy", "policy_id", metavar="ID", help="Policy to show: an id, an id with its date, or a file.")
@click.option("--as-of", type=DAY, metavar="DATE", help="The policy in force on that day (default: today).")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@lang_option("the environment's")
def show(
    *,
    clauses: tuple[str, ...],
    kinds: tuple[str, ...],
    policy_id: str | None,
    as_of: datetime | None,
    form: str,
    lang: str | None,
) -> None:
    """Show all clauses, or those named (``excluded.stun-phones``, ``entitle.*``), with rule, condition and way back."""
    from analyzer import i18n
    from analyzer.scope.policy import Policy, PolicyError

    try:
        policy = Policy.load(policy_id, day_of(as_of))
    except PolicyError as wrong:
        raise click.UsageError(str(wrong)) from wrong
    chosen = _chosen(policy, clauses, {kind.upper() for kind in kinds})
    with i18n.language(lang or i18n.preferred(None)):
        click.echo(_json(policy, chosen) if form == "json" else _text(policy, chosen, whole=bool(clauses)))


@command.command("list", epilog=examples("policy list"))
def list_() -> None:
    """List the policies that there are, by id and date."""
    from analyzer.scope.policy import available

    for name, day in available():
        click.echo(f"{name}-{day.isoformat()}")


COLUMNS = 100
"""Sentences are read best in lines that are not too long."""


def _chosen(policy: Policy, names: tuple[str, ...], kinds: set[str]) -> list[str]:
    import difflib
    import fnmatch

    ids = [clause.id for clause in policy.clauses]
    for name in names:
        if not fnmatch.filter(ids, name):
            near = difflib.get_close_matches(name, ids, n=1, cutoff=0.4)
            hint = f"Did you mean {near[0]!r}?" if near else "'tcxtriage policy show' lists all."
            raise click.UsageError(f"No clause {name!r}. {hint}")
    return [
        clause.id
        for clause in policy.clauses
        if (not names or any(fnmatch.fnmatch(clause.id, name) for name in names))
        and (not kinds or clause.kind in kinds)
    ]


def _json(policy: Policy, ids: list[str]) -> str:
    from msgspec.structs import asdict

    from analyzer.scope.explain import explain

    rows = [asdict(explain(clause)) for clause in policy.clauses if clause.id in ids]
    head = {"id": policy.id, "name": policy.name, "as_of": policy.date.isoformat()}
    return json.dumps(head | {"source": policy.source, "clauses": rows}, ensure_ascii=False, indent=1)  # fmt: skip


def _text(policy: Policy, ids: list[str], *, whole: bool) -> str:
    import textwrap

    from analyzer.forms import day, labelled
    from analyzer.i18n import translate as _
    from analyzer.scope.explain import explain

    width = terminal_width(COLUMNS)
    lines = [labelled(f"{policy.id}, {day(policy.date.isoformat())}", _(policy.name))]
    lines += textwrap.wrap(f"{policy.source['title']} ({policy.source['language']}). {policy.source['note']}", width)
    for clause in policy.clauses:
        if clause.id not in ids:
            continue
        told = explain(clause)
        lines += ["", f"{told.id}  [{told.kind}: {told.kind_name}]  {told.title}"]
        lines += textwrap.wrap(told.text, width, initial_indent="    ", subsequent_indent="    ")
        if told.same_as:
            lines.append("    " + _("judged as {clause}").format(clause=told.same_as))
        if whole:
            for effect, condition in told.rules:
                lines += textwrap.wrap(
                    labelled(effect, condition), width, initial_indent="    - ", subsequent_indent="      "
                )
            for way in dict.fromkeys(way.action for rule in clause.rules for way in rule.way_back):
                lines += textwrap.wrap(
                    labelled(_("way back"), _(way)), width, initial_indent="    → ", subsequent_indent="      "
                )
    return "\n".join(lines)
