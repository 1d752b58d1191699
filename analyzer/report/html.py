"""The report as one HTML file that loads nothing, runs nothing, and escapes everything."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup

from analyzer.forms import due, first_few, labelled, moment, number
from analyzer.i18n import current_language
from analyzer.i18n import translate as _
from analyzer.names import by_needs, heading_of, label_of, name_of, value_text
from analyzer.report.cells import MEASURED, cell
from analyzer.report.file_problems import problem_text, with_problems
from analyzer.report.grouping import grouped
from analyzer.report.headline import (
    answers_line,
    beside_title,
    disagreement,
    leading_scope,
    names_of_inputs,
    nothing_read,
    other,
    title,
)
from analyzer.report.printable import harmless
from analyzer.report.text import (
    difference_line,
    judged_by,
    needs_line,
    opinion_line,
    role_text,
    route_line,
    signatures_line,
    tally,
    undecided_line,
    where,
)

ROWS_SHOWN = 500
INPUTS_SHOWN = 5

TABLES: dict[str, tuple[str, ...]] = {
    "phones": ("mac", "ip", "vendor", "model", "firmware", "extensions", "provision_type", "template", "status"),
    "trunks": ("number", "name", "host", "template", "type", "registered", "status"),
    "integrations": ("kind", "name", "enabled", "status"),
    "calls": ("start", "from_user", "to_user", "outcome", "final_status", "duration_s", "media", "call_id"),
    "registrations": ("aor", "client", "status", "last_status", "attempts", "failures"),
    "streams": ("src", "dst", "ssrc", "codec", "packets", "lost", "loss_pct", "jitter_max_ms", "mos"),
}
"""The tables of the report that a page has, and their columns."""


def render(report: dict[str, Any]) -> str:
    """The page. Its Content-Security-Policy allows only its own style sheet, by hash."""
    folder = resources.files("analyzer.report")
    css = folder.joinpath("report.css").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_shown
    )
    page = environment.from_string(folder.joinpath("report.html.j2").read_text(encoding="utf-8"))
    return page.render(
        report=report,
        groups=grouped(report["findings"]),
        css=Markup(css),  # noqa: S704 - our own file; its hash stands in the policy
        css_hash="sha256-" + base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
        needs=by_needs(report["coverage"]["signatures"]["skipped"]),
        unread=with_problems(report["artifacts"]),
        language=current_language(),
        limit=ROWS_SHOWN,
        inputs=first_few(names_of_inputs(report), INPUTS_SHOWN),
        tables={name: columns for name, columns in TABLES.items() if report[name]},
        titles=_titles(),
        measured=MEASURED,
        title=title(report),
        summary=beside_title(report),
        leading=leading_scope(report),
        disagreement=disagreement(report),
        other=other(report),
        missing=_missing(report),
        answers_line=answers_line,
        where=where,
        name_of=name_of,
        nothing_read=nothing_read,
        label_of=label_of,
        heading_of=heading_of,
        labelled=labelled,
        value_text=value_text,
        moment=moment,
        due=due,
        number=number,
        role_text=role_text,
        tally=tally,
        route_line=route_line,
        judged_by=judged_by,
        needs_line=needs_line,
        undecided_line=undecided_line,
        signatures_line=signatures_line,
        opinion_line=opinion_line,
        difference_line=difference_line,
        problem_text=problem_text,
        cell=cell,
        _=_,
    )


def _titles() -> dict[str, str]:
    """The headings of the page's tables."""
    return {
        "phones": _("Phones"),
        "trunks": _("Trunks"),
        "integrations": _("Integrations"),
        "calls": _("Calls"),
        "registrations": _("Registrations"),
        "streams": _("Streams"),
    }


def _missing(report: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """What is missing, by clause."""
    found: dict[str, list[dict[str, Any]]] = {}
    for item in report["verdict"]["missing"]:
        found.setdefault(item["clause"], []).append(item)
    return found


def _shown(value: object) -> object:
    """Text without control characters, which HTML does not allow, and without those that turn the direction of writing."""
    return harmless(value) if type(value) is str else value
