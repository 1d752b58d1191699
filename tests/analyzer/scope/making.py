"""Makes small cases for the scope engine, in Python and without files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from analyzer.finding import Finding
from analyzer.scope import Judged, ScopeInput, judge
from analyzer.scope.policy import Policy
from analyzer.system import System, SystemValue
from analyzer.ticket import parse_ticket
from parsers.facts import Facts
from parsers.facts.artifact import Artifact
from parsers.facts.base import Row, Source
from parsers.facts.inventory import Integration, Phone, Trunk

DAY = date(2026, 11, 16)
POLICY = Policy.load(None, DAY)
KEY = "K7QT-93XD-ZP4M-2HVB"

TICKET: dict[str, Any] = {
    "created": "2026-11-16T09:30:00+01:00",
    "country": "ES",
    "language": "es",
    "partner_tier": "gold",
    "requester_is_admin": True,
    "hosting": "self_hosted",
    "edition": "pro",
    "simultaneous_calls": 16,
    "extensions": 34,
    "license_key": KEY,
    "license_nfr": False,
    "problem": "queue_ivr",
    "involves": ["ext:231"],
    "description": "Queue 801 skips agent 231.",
    "steps_before": "Agent logged out and in.",
    "reproduction": "Call the main number ten times.",
    "vendor_contacted": True,
    "replicated_on_hosted": True,
}
"""A complete ticket of a case that is in scope."""

SYSTEM: dict[str, Any] = {"version": "20.0.9.995", "simultaneous_calls": 16, "extensions": 34, "verbose_logs": "yes"}
FIELDS: dict[str, Any] = {"outdated": False, "latest_build": "20.0.9.995", "has_logs": True}


def source(text: str = "") -> Source:
    """A place in an invented file."""
    return Source(artifact="bundle.zip!/x.json", path="value[0]", text=text)


def phone(extension: str = "231", **columns: Any) -> Phone:
    """A supported desk phone of one extension; the MAC ends in its number."""
    base: dict[str, Any] = {
        "mac": f"805ec0{int(extension):06x}",
        "ip": f"10.44.8.{int(extension) % 200}",
        "vendor": "Yealink",
        "model": "T54W",
        "extensions": [extension],
        "provision_type": "local_lan",
        "template": "yealinkT4x.ph.xml",
        "template_type": "Supported",
        "custom_template": False,
        "kind": "phone",
        "status": "supported",
        "standing": "supported",
    }
    return Phone(source=source(), **base | columns)


def stun_phone(extension: str = "231", **columns: Any) -> Phone:
    """A phone that is configured through STUN."""
    return phone(extension, **{"provision_type": "stun", "stun_confidence": 95} | columns)


def unknown_phone(extension: str = "233", **columns: Any) -> Phone:
    """A phone that no list knows."""
    base = {"vendor": "Zetavox", "model": "ZX-900", "template": None, "template_type": None, "custom_template": None}
    return phone(extension, **base | {"status": "unknown", "standing": "unknown", "provision_type": None} | columns)


def trunk(number: str = "10000", **columns: Any) -> Trunk:
    """A supported trunk."""
    base: dict[str, Any] = {
        "number": number,
        "name": "Nordtel Voice",
        "host": "sip.nordtel.example",
        "template": "nordtel.pv.xml",
        "template_type": "Supported",
        "custom_template": False,
        "type": "provider",
        "status": "supported",
        "standing": "supported",
    }
    return Trunk(source=source(), **base | columns)


def generic_trunk(number: str = "10001", **columns: Any) -> Trunk:
    """A trunk on the generic template."""
    base = {"name": "Cobre SIP", "host": "sip.cobre.example", "template": "GenericVoIPProvider.pv.xml"}
    marks = {"template_type": None, "status": "unsupported", "standing": "generic"}
    return trunk(number, **base | marks | columns)


def crm(**columns: Any) -> Integration:
    """A CRM that is switched on and not supported."""
    base: dict[str, Any] = {"kind": "crm", "name": "Larch", "enabled": True, "status": "unsupported"}
    return Integration(source=source(), **base | columns)


def finding(code: str, **values: Any) -> Finding:
    """A finding that is a root."""
    base: dict[str, Any] = {"title": code, "message": f"{code} was seen.", "severity": "high", "owner": "partner"}
    return Finding(code=code, **base | {"confidence": 90, "evidence": [source(code)]} | values)


def given(
    ticket: Mapping[str, Any] | None = None,
    *,
    without: Sequence[str] = (),
    rows: Sequence[Row] | None = None,
    system: Mapping[str, Any] | None = None,
    fields: Mapping[str, Any] | None = None,
    findings: Sequence[Finding] = (),
    ticket_given: bool = True,
    artifacts: Sequence[Artifact] | None = None,
    **more: Any,
) -> ScopeInput:
    """A case that is in scope but for what is changed: ``ticket`` over `TICKET`, keys in ``without`` left out."""
    keys = {k: v for k, v in (TICKET | dict(ticket or {})).items() if k not in without and v is not None}
    facts = Facts()
    for row in (phone("231"), phone("232"), trunk()) if rows is None else rows:
        facts.add(row)
    known = SYSTEM | dict(system or {})
    columns = {k: SystemValue(value=v, source=source(f"{k}: {v}")) for k, v in known.items() if v is not None}
    return ScopeInput(
        ticket=parse_ticket(keys if ticket_given else {}),
        ticket_given=ticket_given,
        system=System(source=source(), columns=columns, fields=FIELDS | dict(fields or {})),
        facts=facts,
        findings=list(findings),
        artifacts=[Artifact(path="bundle.zip", kind="service_log", records=10)] if artifacts is None else artifacts,
        **{"as_of": DAY} | more,
    )


def judged(*args: Any, **kwargs: Any) -> Judged:
    """The verdict on `given`."""
    return judge(POLICY, given(*args, **kwargs))


def clauses(result: Judged, effect: str) -> set[str]:
    """Clauses of the reasons with an effect."""
    return {reason.clause for reason in result.verdict.reasons if reason.effect == effect}


_UNDECIDED: dict[str, Any] = {"template_type": None, "status": "unknown"}

MAKERS: dict[str, Callable[..., Row]] = {
    "phone": phone,
    "stun": stun_phone,
    "maybe-stun": lambda ext="231": stun_phone(ext, provision_type=None, stun_used=True, stun_confidence=60),
    "sbc": lambda ext="231": phone(ext, provision_type="sbc"),
    "eol": lambda ext="231": phone(ext, standing="eol", status="eol"),
    "believed-eol": lambda ext="231": phone(ext, standing="believed_eol", **_UNDECIDED),
    "marked": lambda ext="231": phone(ext, standing="marked_unsupported", status="unsupported", template_type=None),
    "dropped": lambda ext="231": phone(ext, standing="dropped", **_UNDECIDED),
    "unknown": unknown_phone,
    "listed": lambda ext="231": phone(ext, standing="listed", template_type=None),
    "custom": lambda ext="231": phone(ext, custom_template=True, template="larch.ph.xml"),
    "third-party": lambda ext="231": phone(
        ext, template_type="ThirdParty", standing="marked_unsupported", status="unsupported"
    ),
    "dedicated": lambda ext="231": phone(ext, template_type="Dedicated", standing="unknown", status="unknown"),
    "trunk": trunk,
    "generic": generic_trunk,
    "unsupported-trunk": lambda: trunk(standing="unsupported", status="unsupported", template_type=None),
    "marked-trunk": lambda: trunk(standing="marked", status="unsupported", template_type="Deleted"),
    "dropped-trunk": lambda: trunk(standing="dropped", **_UNDECIDED),
    "unknown-trunk": lambda: trunk(standing="unknown", **_UNDECIDED),
    "stock-trunk": lambda: trunk(standing="stock", template_type=None),
    "preferred-trunk": lambda: trunk(standing="preferred", status="preferred", template_type="Preferred"),
    "custom-trunk": lambda: trunk(custom_template=True, template_type=None),
    "gateway": lambda: trunk("10009", type="gateway", name="FXO box", standing="unknown", **_UNDECIDED),
    "bridge": lambda: trunk("10008", type="bridge", name="Branch", standing="unknown", **_UNDECIDED),
    "crm": crm,
    "unknown-crm": lambda: crm(status="unknown"),
    "stock-crm": lambda: crm(status="supported"),
    "off-crm": lambda: crm(enabled=False),
    "custom-crm": lambda: crm(status="unknown", custom_template=True),
    "pms": lambda: crm(kind="pms", name="Inn"),
    "teams": lambda: Integration(source=source(), kind="teams", name="Microsoft Teams", enabled=True),
}
"""Parts by the words of the data files: ``stun 231``, ``generic``."""
