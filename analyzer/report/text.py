"""The report for a terminal: what an engineer needs in ten seconds first, evidence below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from analyzer.finding import SEVERITIES
from analyzer.forms import day, due, labelled, language_name, moment, number
from analyzer.i18n import translate as _
from analyzer.i18n import translate_plural
from analyzer.names import by_needs, name_of, value_text, yes_no
from analyzer.report.file_problems import problem_text, with_problems
from analyzer.report.grouping import grouped
from analyzer.report.headline import answer, answers_line, disagreement, leading_scope, nothing_read, other
from analyzer.report.page import Page
from analyzer.report.printable import printable

STYLE_OF_SCOPE = {"in_scope": "bold green", "out_of_scope": "bold red", "needs_information": "bold yellow"}
STYLE_OF_SEVERITY = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "info": "dim"}
MARK_OF_EFFECT = {"excludes": "✗", "requires": "?", "limits": "−", "advises": "·"}
EVIDENCE_SHOWN = 2
UNDECIDED_SHOWN = 12
NEEDS_SHOWN = 8
FILES_SHOWN = 8
NEST = 2
"""Columns before a finding that follows from no other."""
QUOTE_WIDTH = 160
MAX_WIDTH = 120


def where(source: dict[str, Any]) -> str:
    """A place as one word: ``bundle.zip!/Logs/x.log:2``, ``Users.json value[0].Number``, ``ticket: hosting``."""
    if "ticket" in source:
        return labelled(_("ticket"), source["ticket"])
    spot = str(source.get("artifact") or "")
    if "line" in source:
        return f"{spot}:{source['line']}"
    for name in ("row", "frame"):
        if name in source:
            return f"{spot} {_(name)} {source[name]}"
    return f"{spot} {source['path']}" if "path" in source else spot


def render(report: dict[str, Any], *, verbose: bool = False, terminal: bool = False) -> str:
    """The report as text; with colours only for a terminal (and never where ``NO_COLOR`` is set)."""
    width = MAX_WIDTH
    if terminal:
        import shutil

        width = min(shutil.get_terminal_size((MAX_WIDTH, 40)).columns, MAX_WIDTH)
    out = Page(width, terminal=terminal)
    _head(out, report)
    _reasons(out, report, verbose=verbose)
    _way_back(out, report)
    _findings(out, report, verbose=verbose)
    _route(out, report)
    _not_looked(out, report, verbose=verbose)
    _read(out, report, verbose=verbose)
    return out.text()


def _head(out: Page, report: dict[str, Any]) -> None:
    if nothing_read(report):
        out.line(0, (_("Nothing in the input could be read; below stands what was tried."), "bold yellow"))
    said, rest = answer(report)
    out.line(0, (said, STYLE_OF_SCOPE[leading_scope(report)]), rest)
    system = report["system"]

    def known(name: str, form: str = "{}") -> str | None:
        return form.format(printable(value_text(system[name]["value"], name))) if system[name] else None

    users = system["extensions"]["value"] if system["extensions"] else None
    extensions = translate_plural("{} extension", "{} extensions", users if isinstance(users, int) else 0)
    facts = [
        known("version", "3CX {}") or _("version unknown"),
        known("edition"),
        known("simultaneous_calls", "{} SC"),
        known("extensions", extensions),
        known("hosting"),
        known("os"),
        known("fqdn"),
    ]
    out.line(0, (" · ".join(f for f in facts if f), "dim"))
    if differs := disagreement(report):
        out.line(0, (differs, "yellow"))
    label, word, scope = other(report)
    out.line(
        0,
        (labelled(label, ""), "dim"),
        (word, STYLE_OF_SCOPE[scope].removeprefix("bold ")),
        (f"   {judged_by(report)}", "dim"),
    )


def judged_by(report: dict[str, Any]) -> str:
    """By which policy the case was judged, as of which day."""
    tool = report["tool"]
    return _("judged as of {day} by {policy} of {date}").format(
        day=day(tool["as_of"]), policy=tool["policy"]["id"], date=day(tool["policy"]["as_of"])
    )


def _title(out: Page, text: str) -> None:
    out.line(0)
    out.line(0, (text, "bold underline"))


def _evidence(out: Page, sources: Iterable[dict[str, Any]], shown: int, left: int = 6) -> None:
    listed = list(sources)
    for source in listed[:shown]:
        spot, quote = printable(where(source)), printable(str(source.get("text") or ""))
        if len(quote) > QUOTE_WIDTH:
            quote = quote[: QUOTE_WIDTH - 1] + "…"
        if quote and left + len(spot) + 2 + len(quote) > out.width:  # the quote on lines of its own
            out.line(left, (spot, "dim cyan"))
            out.line(left + 2, (quote, "dim"))
        else:
            out.line(left, (spot, "dim cyan"), (f"  {quote}" if quote else "", "dim"))
    if len(listed) > shown:
        left_out = len(listed) - shown
        said = translate_plural("… and {n} more place", "… and {n} more places", left_out)
        out.line(left, (said.format(n=number(left_out)), "dim"))


def _reasons(out: Page, report: dict[str, Any], *, verbose: bool) -> None:
    reasons, missing = report["verdict"]["reasons"], report["verdict"]["missing"]
    if not reasons and not missing:
        return
    _title(out, _("Why"))
    for reason in reasons:
        advice = reason["effect"] == "advises"
        style = {"excludes": "red", "requires": "yellow", "limits": "magenta"}.get(reason["effect"], "dim")
        out.hanging(
            2,
            [(MARK_OF_EFFECT[reason["effect"]] + " ", style)],
            (reason["clause"], style),
            "  ",
            printable(reason["why"]),
        )
        if not advice or verbose:
            told = [source for source in reason["evidence"] if verbose or "ticket" not in source]
            _evidence(out, told, EVIDENCE_SHOWN)
        if reason["effect"] == "requires":
            for item in (m for m in missing if m["clause"] == reason["clause"]):
                _answers(out, item, report["verdict"]["scope"])
    given = {r["clause"] for r in reasons if r["effect"] == "requires"}
    for item in missing:
        if item["clause"] not in given:
            out.hanging(2, [("? ", "yellow")], (item["clause"], "yellow"), "  ", printable(item["what"]))
            _answers(out, item, report["verdict"]["scope"])


def _answers(out: Page, item: dict[str, Any], scope: str) -> None:
    """What each answer would lead to, where one of them would change the verdict."""
    if led := answers_line(item, scope):
        out.line(6, (led, "dim"))


def _way_back(out: Page, report: dict[str, Any]) -> None:
    verdict = report["verdict"]
    if verdict["scope"] == "in_scope":
        return
    _title(out, _("Way back into scope"))
    if verdict["way_back"] is None:
        out.line(2, printable(verdict["way_back_reason"] or _("none")))
        return
    for place, step in enumerate(verdict["way_back"], 1):
        who = f"  [{step['clause']}, {name_of(step['who'])}]"
        out.hanging(2, [f"{place}. "], printable(step["action"]), (who, "dim"))


def _findings(out: Page, report: dict[str, Any], *, verbose: bool) -> None:
    findings = report["findings"]
    _title(out, "{} ({})".format(_("Findings"), tally(findings)))
    hidden = len(findings)
    for group in grouped(findings):
        problems = [problem for problem in group.problems if verbose or not problem.is_note]
        if problems:
            out.line(2, (labelled(_(group.title), number(len(group.problems))), "bold"))
        for problem in problems:
            follows = [item for item in problem.follows if verbose or item["severity"] != "info"]
            _finding(out, problem.finding, NEST, verbose=verbose)
            for finding in follows:
                _finding(out, finding, NEST + 4, verbose=verbose)
            hidden -= 1 + len(follows)
    if len(findings) == hidden:
        out.line(2, _silence(report))
    if hidden:
        said = translate_plural(
            "{n} note of level info: see --verbose", "{n} notes of level info: see --verbose", hidden
        )
        out.line(2, (said.format(n=number(hidden)), "dim"))


def _silence(report: dict[str, Any]) -> str:
    """What it means that no finding stands there: files without one record were not looked at."""
    return _("Nothing could be looked at.") if nothing_read(report) else _("Nothing above info in what was looked at.")


def _finding(out: Page, finding: dict[str, Any], left: int, *, verbose: bool) -> None:
    """One finding; what follows from another stands further right."""
    follows = left > NEST
    wide = max(len(_(severity)) for severity in SEVERITIES) + 1
    times = f"  ×{number(finding['count'])}" if finding["count"] > 1 else ""
    when = f"  {moment(finding['first_seen'])}" if finding["first_seen"] else ""
    out.hanging(
        left,
        [
            "↳ " if follows else "",
            (_(finding["severity"]).ljust(wide), STYLE_OF_SEVERITY[finding["severity"]]),
            (f"{finding['code']:<9}", "bold"),
        ],
        printable(finding["message"]),
        (times + when, "dim"),
    )
    if finding["role"] != "root":
        out.line(left + 4, (role_text(finding), "dim"))
    shown = 1 if follows else EVIDENCE_SHOWN
    _evidence(out, finding["evidence"], 5 if verbose else shown, left + 4)
    if finding["remedy"]:
        out.hanging(left + 4, ["→ "], printable(finding["remedy"]), (f"  [{name_of(finding['owner'])}]", "dim"))


def tally(findings: list[dict[str, Any]]) -> str:
    """How many problems of each severity, and how many findings follow from them."""
    problems = [problem for group in grouped(findings) for problem in group.problems]
    counts = Counter(problem.finding["severity"] for problem in problems)
    parts = [_so_many(severity, counts[severity]) for severity in SEVERITIES if counts[severity]]
    follow = sum(len(problem.follows) for problem in problems)
    if follow:
        parts.append(
            translate_plural("{n} that follows from them", "{n} that follow from them", follow).format(n=number(follow))
        )
    return ", ".join(parts) or _("none")


def role_text(finding: dict[str, Any]) -> str:
    """The role of a finding that is no root."""
    role = _(finding["role"])
    return _("{role}, caused by {code}").format(role=role, code=finding["caused_by"]) if finding["caused_by"] else role


def _so_many(severity: str, count: int) -> str:
    return {
        "critical": translate_plural("{n} critical", "{n} critical", count),
        "high": translate_plural("{n} high", "{n} high", count),
        "medium": translate_plural("{n} medium", "{n} medium", count),
        "low": translate_plural("{n} low", "{n} low", count),
        "info": translate_plural("{n} info", "{n} info", count),
    }[severity].format(n=number(count))


def route_line(route: dict[str, Any]) -> str:
    """Levels, support by phone, priority and language of a route."""
    facts = (
        (_("Levels"), ", ".join(map(str, route["levels"])) or _("none")),
        (_("by phone"), yes_no(route["phone_support"])),
        (_("priority"), yes_no(route["priority"])),
        (_("language"), language_name(route["language"])),
    )
    return " · ".join(labelled(label, value) for label, value in facts)


def _route(out: Page, report: dict[str, Any]) -> None:
    route = report["route"]
    _title(out, _("Support"))
    out.line(2, route_line(route))
    if route["sla"]:
        out.line(2, labelled(_("Answer due"), due(route["sla"]["due"])), (f"  {route['sla']['rule']}", "dim"))
    if route["depends_on"]:
        out.line(2, labelled(_("Who answers depends on"), "").rstrip())
    for item in route["depends_on"]:
        out.hanging(4, [("? ", "yellow")], printable(item))


def _not_looked(out: Page, report: dict[str, Any], *, verbose: bool) -> None:
    signatures = report["coverage"]["signatures"]
    unread = with_problems(report["artifacts"])
    skipped = signatures["skipped"]
    problems = report["coverage"]["problems"]
    if not (unread or skipped or problems or signatures["undecided"]):
        return
    _title(out, _("Could not be looked at"))
    limit = len(unread) if verbose else FILES_SHOWN
    for item in unread[:limit]:
        said = "; ".join(printable(problem_text(p)) for p in item["problems"][: 5 if verbose else 1])
        out.line(2, (printable(item["path"]), "cyan"), f"  {_(item['status'])}", (f": {said}" if said else "", "dim"))
    if len(unread) > limit:
        left_out = len(unread) - limit
        more_files = translate_plural("… and {n} more file", "… and {n} more files", left_out)
        out.line(2, (more_files.format(n=number(left_out)), "dim"))
    for problem in problems:
        out.line(2, printable(problem))
    needs = by_needs(skipped)
    shown = needs if verbose else needs[:NEEDS_SHOWN]
    for need, lacking in shown:
        out.line(2, needs_line(need, len(lacking)))
        if verbose:
            out.line(6, (", ".join(lacking), "dim"))
    if len(needs) > len(shown):
        left_out = sum(len(lacking) for _need, lacking in needs[len(shown) :])
        said = translate_plural(
            "… and {n} more that needs something else: see --verbose",
            "… and {n} more that need something else: see --verbose",
            left_out,
        )
        out.line(2, (said.format(n=number(left_out)), "dim"))
    if signatures["undecided"]:
        codes = [item["code"] for item in signatures["undecided"]]
        named = codes if verbose or len(codes) <= UNDECIDED_SHOWN else [*codes[:UNDECIDED_SHOWN], "…"]
        out.line(2, undecided_line(len(codes)), ("  " + ", ".join(named), "dim"))


def needs_line(need: str, count: int) -> str:
    """How many signatures could not run for want of something."""
    text = translate_plural("{n} signature needs {what}", "{n} signatures need {what}", count)
    return text.format(n=number(count), what=need)


def undecided_line(count: int) -> str:
    """How many signatures could not be decided on some row."""
    return translate_plural(
        "{n} signature met rows whose facts are unknown", "{n} signatures met rows whose facts are unknown", count
    ).format(n=number(count))


def signatures_line(signatures: dict[str, Any]) -> str:
    """How many signatures ran, and how they fared."""
    return _("Signatures: {ran} ran, {fired} fired, {silent} stayed silent").format(
        **{name: number(signatures[name]) for name in ("ran", "fired", "silent")}
    )


def opinion_line(differences: list[dict[str, Any]]) -> str:
    """What became of the second opinion that was asked for."""
    if not differences:
        return _("Second opinion: every count is the same")
    text = translate_plural("Second opinion: {n} count differs", "Second opinion: {n} counts differ", len(differences))
    return text.format(n=number(len(differences)))


def difference_line(item: dict[str, Any]) -> str:
    """One difference: ``dump.pcap: SIP INVITE: 13 here, 16 by tshark (why)``."""
    told = [item["artifact"], item["what"]]
    if item["ours"] is not None or item["theirs"] is not None:
        ours, theirs = ("–" if item[side] is None else number(item[side]) for side in ("ours", "theirs"))
        told.append(_("{ours} here, {theirs} by {tool}").format(ours=ours, theirs=theirs, tool=item["tool"]))
    return printable(": ".join(told)) + (f" ({printable(item['note'])})" if item["note"] else "")


def _second_opinion(out: Page, report: dict[str, Any], *, verbose: bool) -> None:
    differences = report["coverage"]["second_opinion"]
    if differences is None:
        return
    out.line(2, opinion_line(differences))
    for item in differences if verbose else differences[:4]:
        out.line(4, (difference_line(item), "dim"))


def _read(out: Page, report: dict[str, Any], *, verbose: bool) -> None:
    _title(out, _("Looked at"))
    files = report["coverage"]["artifacts"]
    signatures = report["coverage"]["signatures"]
    out.line(
        2,
        _(
            "Files: {files} ({ok} whole, {partial} in part, {unreadable} unreadable, {ignored} ignored) · records: {records}, {understood} understood"
        ).format(
            files=number(files["total"]),
            **{k: number(files[k]) for k in ("ok", "partial", "unreadable", "ignored", "records", "understood")},
        ),
    )
    out.line(2, signatures_line(signatures))
    _second_opinion(out, report, verbose=verbose)
    if not verbose:
        return
    out.table(
        2,
        (_("file"), _("kind"), _("records"), _("understood"), _("status")),
        [
            (
                printable(item["path"]),
                item["kind"],
                number(item["records"]),
                number(item["understood"]),
                _(item["status"]),
            )
            for item in report["artifacts"]
        ],
    )
