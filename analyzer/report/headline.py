"""What a report says first: without a ticket the installation's verdict, else that of the whole case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from analyzer.forms import capitalised, labelled
from analyzer.i18n import translate as _
from analyzer.names import label_of, name_of, scope_word, value_text
from analyzer.report.printable import printable


def alone(report: dict[str, Any]) -> bool:
    """Whether the installation leads, because no ticket says what the case is about."""
    return not report["case"]["ticket"]


def leading_scope(report: dict[str, Any]) -> str:
    """The scope that the report leads with."""
    verdict: dict[str, str] = report["verdict"]
    return verdict["installation"] if alone(report) else verdict["scope"]


def answer(report: dict[str, Any]) -> tuple[str, str]:
    """The summary in two: the answer (``Out of scope:``, ``Installation: in scope.``) and what follows."""
    summary = printable(report["verdict"]["summary"])
    ends = (". ",) if alone(report) else (": ", ". ")
    cut = min((at for end in ends if (at := summary.find(end)) >= 0), default=len(summary) - 1)
    return summary[: cut + 1], summary[cut + 1 :]


def title(report: dict[str, Any]) -> str:
    """The headline of a page: the answer without what follows."""
    return answer(report)[0].rstrip(".: \u00a0")


def beside_title(report: dict[str, Any]) -> str:
    """What stands below the headline: the rest of the summary as a sentence; empty where the answer was all."""
    return capitalised(answer(report)[1].strip())


def names_of_inputs(report: Mapping[str, Any]) -> list[str]:
    """The inputs by their own names; with the folders on the way where two have the same name."""
    paths = [printable(str(path)).replace("\\", "/").rstrip("/") or "/" for path in report["case"]["inputs"]]
    names = [path.rpartition("/")[2] or path for path in paths]
    often = Counter(names)
    return [path if often[name] > 1 else name for path, name in zip(paths, names, strict=True)]


def other(report: dict[str, Any]) -> tuple[str, str, str]:
    """The verdict that does not lead: its label, its word, and the scope itself."""
    verdict = report["verdict"]
    if alone(report):
        return _("Whole case"), scope_word(verdict["scope"]), verdict["scope"]
    return _("Installation alone"), scope_word(verdict["installation"]), verdict["installation"]


IDENTITY = ("version", "edition", "simultaneous_calls", "hosting", "os", "fqdn", "license_nfr")
"""Facts of which one system has one value at a time."""


def also_text(known: Mapping[str, Any], fact: str) -> str:
    """The value of a fact, and what other files say: ``20.0.7.1080, also 20.0.9.995``."""
    values = [known["value"], *(other["value"] for other in known.get("also", ()))]
    first, *others = (printable(value_text(value, fact)) for value in values)
    return ", ".join([first, *(_("also {value}").format(value=value) for value in others)])


def disagreement(report: Mapping[str, Any]) -> str:
    """What the files say differently of the system; empty where they agree."""
    known = {fact: report["system"].get(fact) for fact in IDENTITY}
    facts = [
        labelled(label_of(fact), also_text(entry, fact)) for fact, entry in known.items() if entry and entry.get("also")
    ]
    if not facts:
        return ""
    text = _(
        "The files do not agree on the system: {facts}. Where they are of two systems, or of different days, analyze each by itself."
    )
    return text.format(facts="; ".join(facts))


def answers_line(item: dict[str, Any], scope: str) -> str:
    """What each answer to a missing thing would lead to; empty where none of them would change the verdict."""
    if all(led["scope"] == scope for led in item["answers"]):
        return ""
    return ", ".join(f"{printable(name_of(led['answer']))} → {scope_word(led['scope'])}" for led in item["answers"])


def nothing_read(report: Mapping[str, Any]) -> bool:
    """Whether there was an input, but not one record in it: then nothing was looked at, and silence says nothing."""
    return bool(report["case"]["inputs"]) and not report["coverage"]["artifacts"]["records"]
