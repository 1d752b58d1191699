"""The facts of a case as a whole, from bundle, ticket and findings. The bundle wins over the ticket."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from analyzer.catalog import Catalog
from analyzer.catalog.version import parse as parse_version
from analyzer.finding import SEVERITIES, Finding
from analyzer.forms import first_few
from analyzer.i18n import translate as _
from analyzer.names import name_of
from analyzer.scope.inputs import ScopeInput
from analyzer.scope.policy import Policy
from analyzer.scope.situation import NOWHERE, UNSTATED, CaseFacts
from analyzer.system import SystemValue
from analyzer.ticket import GIVEN, About, Ticket
from analyzer.ticket_values import REQUESTS, Party
from parsers.facts.base import Source

SHARED_FACTS = ("hosting", "edition", "simultaneous_calls", "extensions", "version", "license_nfr")
"""What bundle and ticket may both say."""

HOSTED_BY_3CX = "hosted_by_3cx"
ELSEWHERE = "elsewhere"
"""Not hosted by 3CX, and not known whether on a cloud machine of the customer's or on premise."""

CONTENTS = ("description", "steps_before", "reproduction")
MOST_SENTENCES = 5
SUGGESTING = SEVERITIES[: SEVERITIES.index("medium") + 1]
"""Severities of findings that may suggest what the problem is about."""


class Contradiction(Struct, frozen=True, kw_only=True):
    """Bundle and ticket say different things of one fact."""

    fact: str
    bundle: Any
    ticket: Any
    bundle_source: Source


class CaseBuild(Struct, kw_only=True):
    """The facts of a case and what was noticed while they were put together. ``nowhere`` holds a sentence for each party that
    stands in none of the files.
    """

    facts: CaseFacts
    parties: tuple[Party, ...]
    contradictions: list[Contradiction] = field(default_factory=list)
    suggested_by: list[str] = field(default_factory=list)
    nowhere: list[str] = field(default_factory=list)


def roots(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that count: those that are the root of something."""
    return [finding for finding in findings if finding.role == "root"]


def case_facts(policy: Policy, given: ScopeInput, about: About) -> CaseBuild:
    """The facts of a case."""
    ticket = given.ticket
    build = CaseBuild(
        facts=CaseFacts(source=NOWHERE, fields={}),
        parties=about.parties or tuple(ticket.involves),
    )
    _shared(build, given)
    _own(build, ticket, about)
    _system(build, given)
    _from_findings(build, policy, given.findings)
    return build


def _shared(build: CaseBuild, given: ScopeInput) -> None:
    for name in SHARED_FACTS:
        known = given.system.columns.get(name)
        from_bundle = plain(name, known.value) if known and known.source.ticket is None else None
        declared = plain(name, getattr(given.ticket, name))
        if name == "hosting" and from_bundle is None and given.system.fields.get("hosted_by_3cx") is False:
            # not by 3CX, says the bundle: which of the other two it is, only the ticket can tell
            known = SystemValue(value=ELSEWHERE, source=given.system.source_of("hosted_by_3cx"))
            from_bundle = ELSEWHERE if declared in (None, HOSTED_BY_3CX) else None
        if from_bundle is not None and known is not None:
            put(build, name, from_bundle, quoted(name, known))
            if declared is not None and not agree(name, from_bundle, declared):
                build.contradictions.append(
                    Contradiction(fact=name, bundle=from_bundle, ticket=declared, bundle_source=quoted(name, known))
                )
        elif declared is None and known is not None and known.source.ticket is None:
            put(build, name, None, quoted(name, known))  # something stands there that cannot be compared: show it
        else:
            put(build, name, declared, said(name, declared))


def plain(name: str, value: object) -> Any:  # noqa: ANN401 - facts of all types
    """A value as conditions compare it; ``unknown`` is null."""
    if isinstance(value, str):
        word = value.strip().casefold()
        if word in ("", "unknown"):
            return None
        if name == "license_nfr":
            return {"yes": True, "true": True, "no": False, "false": False}.get(word)
        if name == "version":
            return value.strip() if parse_version(value) else None
        return word
    return value


def agree(name: str, one: object, other: object) -> bool:
    """Whether two sources say the same; a shorter version agrees with the longer one that it begins."""
    if name == "version":
        first, second = (re.findall(r"\d+", str(value)) for value in (one, other))
        return all(int(a) == int(b) for a, b in zip(first, second, strict=False))
    return one == other


def _own(build: CaseBuild, ticket: Ticket, about: About) -> None:
    """What only a ticket says."""
    for name in ("partner_tier", "requester_is_admin", "systems", "vendor_contacted", "replicated_on_hosted"):
        put(build, name, getattr(ticket, name), said(name, getattr(ticket, name)))
    for name in CONTENTS:
        text = getattr(ticket, name)
        put(build, name, True if text else None, said(name, text))
    problem = about.problem or ticket.problem
    put(build, "problem", problem or UNSTATED, said("problem", problem))
    put(build, "incidents", ticket.incident_count, said("incidents", ticket.incident_count))
    build.facts.fields["incidents_named"] = bool(ticket.incident_texts)
    build.facts.fields["incident_list"] = "; ".join(
        f"{number}. {text.rstrip(' .')}" for number, text in enumerate(ticket.incident_texts, 1)
    )
    for kind in REQUESTS:
        put(build, f"requested_{kind}", kind in ticket.requests, said("requests", kind))


def _system(build: CaseBuild, given: ScopeInput) -> None:
    """What comes from the bundle, and what the ticket stands in for."""
    system, fields = given.system, build.facts.fields
    version = fields["version"]
    outdated, latest = system.fields.get("outdated"), system.fields.get("latest_build")
    if version is not None and (outdated is None or latest is None):
        catalog = Catalog.load(given.as_of)
        newest = catalog.latest_build()
        outdated = catalog.is_outdated(version)
        latest = newest.version if newest else None
    put(build, "outdated", outdated, build.facts.sources.get("version", NOWHERE))
    fields["latest_build"] = latest
    hardware = system.fields.get("hardware_below")
    put(build, "hardware_below", bool(hardware), _column(given, "cpu_count", "memory_bytes"))
    fields["hardware_figure"] = "; ".join(hardware) if isinstance(hardware, list) else str(hardware or "")
    key = given.system.columns.get("license_present")
    if given.ticket.license_key:
        put(build, "license_key", value=True, source=said("license_key", GIVEN))
    else:
        present = key is not None and key.value in (True, "yes")
        put(
            build,
            "license_key",
            True if present else None,
            key.source if key and present else said("license_key", None),
        )
    read = next((item.path for item in given.artifacts if item.records), None)
    put(build, "attachments", True if read else None, Source(artifact=read) if read else said("attachments", None))
    verbose = given.system.columns.get("verbose_logs")
    word = {"true": "yes", "false": "no"}.get(str(verbose.value).lower(), str(verbose.value)) if verbose else "unknown"
    put(build, "verbose_logs", word, quoted("verbose_logs", verbose) if verbose else NOWHERE)
    put(build, "has_logs", bool(system.fields.get("has_logs")), NOWHERE)
    calls, systems = fields["simultaneous_calls"], fields["systems"]
    # a customer of whom nothing is said has this one system (the policy's own reading)
    small = None if calls is None else calls == 4
    single = False if systems is not None and systems > 1 else small
    put(build, "single_4sc", single, build.facts.source_of("simultaneous_calls"))


def _from_findings(build: CaseBuild, policy: Policy, findings: Sequence[Finding]) -> None:
    counted = roots(findings)
    fields = build.facts.fields
    network = [f for f in counted if f.severity != "info" and family(f) in policy.findings["network"]]
    put(build, "network_finding", bool(network), first_place(network))
    if fields["problem"] in ("audio", "network"):
        fields["network_why"] = _("The problem is about {problem}").format(problem=name_of(fields["problem"]))
    else:
        codes = ", ".join(dict.fromkeys(f.code for f in network))
        fields["network_why"] = _("A finding is about the network ({codes})").format(codes=codes)
    alien = [f for f in counted if f.clause == "prereq.unsupported-parts"]
    put(build, "unsupported_software", max((f.confidence for f in alien), default=0), first_place(alien))
    fields["unsupported_software_found"] = sentences(f.message for f in alien)
    # how a system is set up stands beside the problem (context) more often than behind it (root)
    deviating = [
        f
        for f in findings
        if f.role in ("root", "context")
        and (
            f.clause == "prereq.configured-per-manual"
            or (family(f) in policy.findings["deviations"] and f.severity != "info" and f.owner == "partner")
        )
    ]
    put(build, "deviations", len(deviating), first_place(deviating))
    fields["deviations_found"] = sentences(f"{f.message} {f.remedy}".strip() for f in deviating)


def suggest(build: CaseBuild, findings: Sequence[Finding], about: set[str] | None) -> None:
    """What the problem may be about where nobody says it: by the strongest root. ``about``: only roots about one of these
    subjects, those that the ticket names; null where it names nothing.
    """
    if build.facts.fields["problem"] != UNSTATED:
        return
    suggested = strongest([f for f in roots(findings) if about is None or about & set(f.subject)])
    build.facts.fields["inferred_problem"] = suggested.areas[0] if suggested else None
    build.suggested_by = [suggested.code] if suggested else []
    build.facts.sources["inferred_problem"] = first_place([suggested] if suggested else [])


def strongest(findings: Sequence[Finding]) -> Finding | None:
    """The finding that may say what the problem is about: the most severe, surest, most frequent one of a known area.

    What the scope itself is about (SCOPE-..) says nothing of the problem, nor does how a capture was taken (CAP-..), nor what
    is only possible (low).
    """
    usable = [f for f in findings if f.areas and f.severity in SUGGESTING and family(f) not in {"SCOPE", "CAP"}]
    return min(
        usable, key=lambda f: (SEVERITIES.index(f.severity), -f.confidence, -f.count, f.code, f.subject), default=None
    )


def family(finding: Finding) -> str:
    """The letters of a code: ``NAT`` of ``NAT-03``."""
    return finding.code.partition("-")[0]


def sentences(texts: Iterable[str]) -> str:
    """Whole sentences as one text, the first few of them; the last full stop is left to the text that they are put into."""
    return " ".join(first_few(texts, MOST_SENTENCES)).removesuffix(".")


def first_place(findings: Sequence[Finding]) -> Source:
    """The place of the first evidence."""
    return next((source for finding in findings for source in finding.evidence), NOWHERE)


def put(build: CaseBuild, name: str, value: object, source: Source) -> None:
    """Set a fact and where it is known from."""
    build.facts.fields[name] = value
    if source is not NOWHERE:
        build.facts.sources[name] = source


def said(key: str, value: object) -> Source:
    """A key of the ticket as a source."""
    if value is None:
        return Source(ticket=key, text=_("not given"))
    return Source(ticket=key, text=str(value).lower() if isinstance(value, bool) else str(value)[:200])


def quoted(name: str, known: SystemValue) -> Source:
    """The place of a column; where it has no text of its own, the value is the quote."""
    return known.source if known.source.text else replace(known.source, text=f"{name} = {known.value}")


def _column(given: ScopeInput, *names: str) -> Source:
    for name in names:
        known = given.system.columns.get(name)
        if known:
            return quoted(name, known)
    return NOWHERE
