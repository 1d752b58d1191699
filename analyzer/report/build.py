"""The report object that all renderings come from (``tcxtriage.report/1``)."""

from __future__ import annotations

from typing import Any

from msgspec.structs import asdict

from analyzer import __version__
from analyzer.case import Case
from analyzer.finding import Finding
from analyzer.i18n import current_language
from analyzer.redact.secrets import Scrubber
from analyzer.report.rows import evidence, moment, table
from analyzer.report.shown import shown
from analyzer.report.system import system_object
from analyzer.scope import Problem
from analyzer.verdict import Missing, Reason, Route, Verdict
from parsers.collecting import without_collecting
from parsers.facts.artifact import Artifact
from parsers.facts.capture import Call, Capture, Registration, RtpStream, StunExchange, TlsSession
from parsers.facts.inventory import Integration, Phone, Sbc, Trunk
from parsers.facts.store import Facts

SCHEMA = "tcxtriage.report/1"

COUNTS = ("sip_requests", "sip_responses")
"""Columns of captures that stand in the report's object ``sip``."""


@without_collecting()
def build(case: Case) -> dict[str, Any]:
    """The whole report as JSON values, without secrets.

    The same input, pack and day give the same report but for ``timing``.
    """
    facts = case.facts
    captures = facts.of(Capture)
    report: dict[str, Any] = {
        "schema": SCHEMA,
        "tool": {
            "version": __version__,
            "signatures": {"version": case.pack.version, "count": len({rule.code for rule in case.pack.rules})},
            "policy": {"id": case.policy.id, "as_of": case.policy.date.isoformat()},
            "catalog": dict(sorted(case.catalog.as_of.items())),
            "as_of": case.options.as_of.isoformat(),
        },
        "case": {"inputs": list(case.options.inputs), "ticket": case.options.ticket.shown()},
        "artifacts": [_artifact(a) for a in sorted(case.artifacts, key=lambda a: a.path)],
        "system": system_object(case.system, case.options.ticket),
        "phones": table(facts.of(Phone), "mac", "ip", "extensions"),
        "trunks": table(facts.of(Trunk), "number", "name", "host"),
        "integrations": table(facts.of(Integration), "kind", "name"),
        "sbcs": table(facts.of(Sbc), "name"),
        "registrations": table(facts.of(Registration), "aor", "client", by_time=True),
        "calls": table(facts.of(Call), "call_id", by_time=True),
        "streams": table(facts.of(RtpStream), "first", "src", "dst", "ssrc"),
        "captures": table(captures, "first", "artifact", without=COUNTS),
        "sip": _sip(captures),
        "stun_exchanges": table(facts.of(StunExchange), "client", "server", "kind", by_time=True),
        "tls_sessions": table(facts.of(TlsSession), "client", "server", by_time=True),
        "findings": [_finding(f) for f in case.findings],
        "verdict": _verdict(case.verdict) | {"problem": _problem(case.problem)},
        "route": _route(case.route),
        "coverage": _coverage(case),
    }
    json = shown(report, scrubber_of(facts))
    json["timing"] = dict(case.timing)
    return json


def scrubber_of(facts: Facts) -> Scrubber:
    """What takes the secrets of a case out of everything that is shown of it."""
    return Scrubber(facts.secrets - _names(facts))


def _names(facts: Facts) -> set[str]:
    """User names that stand in the clear on the wire: a trunk's ``AuthID`` is often the name that it registers with."""
    registered = {row.user for row in facts.of(Registration)}
    called = {name for row in facts.of(Call) for name in (row.from_user, row.to_user)}
    return {name for name in registered | called if name}


def _artifact(item: Artifact) -> dict[str, Any]:
    return {
        "path": item.path,
        "kind": item.kind,
        "bytes": item.bytes,
        "records": item.records,
        "understood": item.understood,
        "status": item.status,
        "problems": list(item.problems),
    }


def _sip(captures: list[Capture]) -> dict[str, Any] | None:
    if not captures:
        return None
    requests: dict[str, int] = {}
    responses: dict[str, int] = {}
    for capture in captures:
        for total, part in ((requests, capture.sip_requests), (responses, capture.sip_responses)):
            for name, count in part.items():
                total[name] = total.get(name, 0) + count
    return {
        "messages": sum(requests.values()) + sum(responses.values()),
        "requests": dict(sorted(requests.items())),
        "responses": dict(sorted(responses.items())),
    }


def _finding(item: Finding) -> dict[str, Any]:
    return {
        "code": item.code,
        "title": item.title,
        "message": item.message,
        "severity": item.severity,
        "owner": item.owner,
        "clause": item.clause,
        "confidence": item.confidence,
        "subject": list(item.subject),
        "role": item.role,
        "caused_by": item.caused_by,
        "count": item.count,
        "first_seen": moment(item.first_seen, local=item.local),
        "last_seen": moment(item.last_seen, local=item.local),
        "remedy": item.remedy,
        "areas": list(item.areas),
        "language": item.language or current_language(),
        "evidence": [evidence(source) for source in item.evidence],
    }


def _reason(item: Reason) -> dict[str, Any]:
    return {
        "clause": item.clause,
        "effect": item.effect,
        "why": item.why,
        "findings": list(item.findings),
        "evidence": [evidence(source) for source in item.evidence],
    }


def _missing(item: Missing) -> dict[str, Any]:
    return {
        "clause": item.clause,
        "what": item.what,
        "if_yes": item.if_yes,
        "if_no": item.if_no,
        "answers": [{"answer": a.answer, "scope": a.scope} for a in item.answers],
    }


def _verdict(item: Verdict) -> dict[str, Any]:
    return {
        "scope": item.scope,
        "installation": item.installation,
        "summary": item.summary,
        "reasons": [_reason(r) for r in item.reasons],
        "missing": [_missing(m) for m in item.missing],
        "way_back": None
        if item.way_back is None
        else [{"clause": s.clause, "action": s.action, "who": s.who} for s in item.way_back],
        "way_back_reason": item.way_back_reason,
    }


def _problem(item: Problem) -> dict[str, Any]:
    return {"area": item.area, "inferred": item.inferred, "by": list(item.by)}


def _route(item: Route) -> dict[str, Any]:
    return {
        "levels": list(item.levels),
        "phone_support": item.phone_support,
        "priority": item.priority,
        "language": item.language,
        "sla": None if item.sla is None else {"due": item.sla.due, "rule": item.sla.rule},
        "reasons": [{"clause": r.clause, "why": r.why} for r in item.reasons],
        "depends_on": list(item.depends_on),
    }


def _coverage(case: Case) -> dict[str, Any]:
    signatures = case.coverage
    by_status: dict[str, int] = dict.fromkeys(("ok", "partial", "unreadable", "ignored"), 0)
    for item in case.artifacts:
        by_status[item.status] += 1
    return {
        "signatures": {
            "ran": signatures.ran,
            "fired": signatures.fired,
            "silent": signatures.silent,
            "unknown": signatures.unknown,
            "skipped": [{"code": code, "needs": needs} for code, needs in sorted(signatures.skipped)],
            "undecided": [
                {"code": code, "lacks": lacks, "rows": rows} for code, lacks, rows in sorted(signatures.undecided)
            ],
        },
        "artifacts": {
            "total": len(case.artifacts),
            **by_status,
            "records": sum(a.records for a in case.artifacts),
            "understood": sum(a.understood for a in case.artifacts),
        },
        "problems": [*map(str, case.pack.problems), *case.catalog.problems],
        "second_opinion": None if case.second_opinion is None else [asdict(item) for item in case.second_opinion],
    }
