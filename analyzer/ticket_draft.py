"""The text to paste into a ticket, from a report: complete, short, one incident."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from analyzer.finding import SEVERITIES, Severity
from analyzer.forms import capitalised, capitals, labelled, moment, more, number
from analyzer.i18n import translate as _
from analyzer.i18n import translate_plural
from analyzer.names import label_of, name_of, value_text
from analyzer.report.headline import also_text, names_of_inputs, nothing_read
from analyzer.scope.policy import Policy
from parsers import lazy
from parsers.tree.folder import shown_path

Report = Mapping[str, Any]

MOST_FINDINGS = 12
MOST_EVIDENCE = 2
MOST_QUOTE = 200
MOST_COMPONENTS = 10

SPLIT_FROM: Severity = "high"
"""Severity from which root findings of other areas are taken for an incident of their own."""

CAPTURE_AREAS = frozenset({"calls", "audio", "trunk", "fax", "network"})
"""Areas in which a packet capture helps most."""

SYSTEM_LINES = ("version", "edition", "simultaneous_calls", "extensions", "hosting", "os", "fqdn")


_CONTROL = lazy.pattern(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Control characters but tab and line end: the text is shown on terminals, which obey escape codes."""


def draft(report: Report, policy: Policy) -> str:
    """The ticket as plain text. Sections without content are left out, but for those that a ticket must have: there stands
    what is to be filled in.
    """
    sections = [
        (_("Problem"), _told(report, "description")),
        (_("What was tried before"), _told(report, "steps_before")),
        (_("How to reproduce it"), _told(report, "reproduction")),
        (_("System"), _system(report)),
        (_("Involved"), _involved(report)),
        (_("What the files show"), _findings(report)),
        (_("Checked already"), _checked(report)),
        (_("Attachments"), _attachments(report)),
        (_("Before it is sent"), _to_do(report)),
        (_("More than one incident"), _split(report)),
        (_("Good to know"), _notes(policy)),
    ]
    out = [_title(report)]
    for heading, lines in sections:
        found = list(lines)
        if found:
            out += ["", capitals(heading), *found]
    return _CONTROL.sub("", "\n".join(out).replace("\r\n", "\n")) + "\n"


def _ticket(report: Report) -> Mapping[str, Any]:
    ticket: Mapping[str, Any] = report["case"]["ticket"]
    return ticket


def _title(report: Report) -> str:
    ticket = _ticket(report)
    first = str(ticket.get("description") or "").split("\n")[0]
    first = first if len(first) <= 90 else first[:90].rsplit(" ", 1)[0] + " …"
    area = name_of(str(ticket["problem"])) if ticket.get("problem") else _("problem area: please fill in")
    return f"[{area}] {first or _('short title: please fill in')}"


def _told(report: Report, key: str) -> Iterator[str]:
    yield str(_ticket(report).get(key) or _("(please fill in)"))


def _system(report: Report) -> Iterator[str]:
    ticket = _ticket(report)
    for name in SYSTEM_LINES:
        known = report["system"].get(name)
        said = also_text(known, name) if known else value_text(ticket[name], name) if name in ticket else None
        if said is not None:
            yield f"- {labelled(capitalised(label_of(name)), said)}"
    yield f"- {labelled(_('Licence key'), _('(please enter; it is not copied from the files)'))}"


def _involved(report: Report) -> Iterator[str]:
    named = [str(item) for item in _ticket(report).get("involves", [])]
    if named:
        yield f"- {', '.join(named)}"
    wanted = {item.partition(":")[2].casefold() for item in named}
    shown = [row for row in report["phones"] if wanted & _words(row, "mac", "ip", "extensions")]
    for row in shown[:MOST_COMPONENTS]:
        words = [row.get("vendor"), row.get("model"), row.get("firmware")]
        provisioned = row.get("provision_type")
        place = [*map(str, row.get("extensions") or ()), *([name_of(provisioned)] if provisioned else [])]
        yield f"- {' '.join(str(word) for word in words if word)} ({', '.join(place)})"
    for row in [row for row in report["trunks"] if wanted & _words(row, "number", "name", "provider", "host")][:MOST_COMPONENTS]:  # fmt: skip
        words = [row.get("number"), row.get("name"), row.get("host"), row.get("template")]
        yield f"- {', '.join(str(word) for word in words if word)}"


def _words(row: Mapping[str, Any], *columns: str) -> set[str]:
    values: list[Any] = []
    for column in columns:
        value = row.get(column)
        values += value if isinstance(value, list) else [value]
    return {str(value).casefold() for value in values if value}


def _roots(report: Report) -> list[Mapping[str, Any]]:
    """Findings about the fault: roots above info that are not about the scope itself."""
    return [
        item
        for item in report["findings"]
        if item["role"] == "root" and item["severity"] != "info" and not item["code"].startswith("SCOPE-")
    ]


def _findings(report: Report) -> Iterator[str]:
    roots = _roots(report)
    for item in roots[:MOST_FINDINGS]:
        yield "- " + labelled(f"{item['code']} ({_(item['severity'])})", item["message"])
        if item["first_seen"]:
            seen = " – ".join(dict.fromkeys(moment(item[name]) for name in ("first_seen", "last_seen") if item[name]))
            times = translate_plural("{n} time", "{n} times", item["count"]).format(n=number(item["count"]))
            yield f"  {seen}, {times}"
        for source in item["evidence"][:MOST_EVIDENCE]:
            yield f"  > {_place(source)}: {' '.join(str(source.get('text') or '').split())[:MOST_QUOTE]}"
    if len(roots) > MOST_FINDINGS:
        yield f"- {more(len(roots) - MOST_FINDINGS)}"
    if not roots:
        yield _silence(report)


def _silence(report: Report) -> str:
    """What it means that no finding is there: files without one record were not looked at."""
    if nothing_read(report):
        return _("Nothing could be looked at.")
    return _("Nothing was found in what was looked at.") if report["artifacts"] else _("No files were looked at.")


def _place(source: Mapping[str, Any]) -> str:
    place = str(source.get("artifact") or source.get("ticket") or "").rpartition("!/")[2]
    for name in ("line", "row", "frame"):
        if source.get(name):
            return f"{place} {_(name)} {source[name]}"
    return f"{place} {source.get('path') or ''}".strip()


def _checked(report: Report) -> Iterator[str]:
    ticket = _ticket(report)
    said = {
        ("vendor_contacted", True): _("The maker or provider was asked first."),
        ("vendor_contacted", False): _("The maker or provider was not asked yet."),
        ("replicated_on_hosted", True): _("It shows on a system hosted by 3CX too."),
        ("replicated_on_hosted", False): _("It does not show on a system hosted by 3CX."),
    }
    for key in ("vendor_contacted", "replicated_on_hosted"):
        if ticket.get(key) is not None:
            yield f"- {said[key, ticket[key]]}"


def _attachments(report: Report) -> Iterator[str]:
    read = {item["path"] for item in report["artifacts"] if item["records"]}
    for given, name in zip(report["case"]["inputs"], names_of_inputs(report), strict=True):
        gave = _gave(shown_path(given), read)
        yield f"- [x] {name}" if gave else f"- [ ] {name}: {_('not one record of it could be read')}"
    if any(item["clause"] in ("ticket.attachments", "prereq.verbose-logs") for item in report["verdict"]["missing"]):
        yield f"- [ ] {_('Support bundle with verbose logs of the time of the problem')}"
    if _ticket(report).get("problem") in CAPTURE_AREAS and not report["captures"]:
        yield f"- [ ] {_('Packet capture of one failing call, taken on the PBX')}"


def _gave(given: str, read: Collection[str]) -> bool:
    """Whether something was read from an input: a file, a folder, or an archive with its members. A name that no encoding can
    write stands otherwise in each place: there it cannot be told, and nothing is said.
    """
    inside = (f"{given.rstrip('/')}/", f"{given}!/")
    return given in read or "\ufffd" in given or any(path.startswith(inside) for path in read)


def _to_do(report: Report) -> Iterator[str]:
    verdict = report["verdict"]
    if verdict["scope"] == "in_scope":
        return
    yield verdict["summary"]
    if verdict["way_back"] is None:
        yield verdict["way_back_reason"] or ""
        return
    for step in verdict["way_back"]:
        yield f"- [ ] {step['action']}"


def _split(report: Report) -> Iterator[str]:
    """One ticket an incident: those that the ticket lists, or roots of areas that have nothing to do with the problem."""
    incidents = _ticket(report).get("incidents")
    if isinstance(incidents, list) and len(incidents) > 1:
        yield _("Support takes one incident a ticket. Open one each:")
        yield from (f"{number}. {text}" for number, text in enumerate(incidents, 1))
        return
    if isinstance(incidents, int) and incidents > 1:
        yield translate_plural(
            "Support takes one incident a ticket. Open one for each of the {n}.",
            "Support takes one incident a ticket. Open one for each of the {n}.",
            incidents,
        ).format(n=number(incidents))
        return
    groups = _other_areas(report)
    if groups:
        yield _("The files show more that looks like incidents of their own. Open a ticket each:")
        for area, codes in groups.items():
            yield "- " + labelled(name_of(area), ", ".join(codes))


def _other_areas(report: Report) -> dict[str, list[str]]:
    severe = SEVERITIES[: SEVERITIES.index(SPLIT_FROM) + 1]
    roots = [item for item in _roots(report) if item["severity"] in severe and item["areas"]]
    problem = _ticket(report).get("problem") or (roots[0]["areas"][0] if roots else None)
    groups: dict[str, list[str]] = {}
    for item in roots:
        if problem not in item["areas"]:
            codes = groups.setdefault(item["areas"][0], [])
            if item["code"] not in codes:
                codes.append(item["code"])
    return groups


def _notes(policy: Policy) -> Iterator[str]:
    for name in ("ticket.one-hour", "ticket.answers"):
        clause = policy.clause(name)
        if clause:
            yield f"- {_(clause.text)}"
