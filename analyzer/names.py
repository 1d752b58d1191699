"""Names of machine words for people: problem areas, hostings, facts, columns. The words themselves stay English in JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from analyzer.forms import number
from analyzer.i18n import mark
from analyzer.i18n import translate as _

NAMES: dict[str, str] = {
    "hosted_by_3cx": mark("hosted by 3CX"),
    "self_hosted": mark("self-hosted"),
    "on_premise": mark("on premise"),
    "elsewhere": mark("not hosted by 3CX"),
    # editions and partner tiers are 3CX's own names, the same in every language
    "free": "Free",
    "startup": "Startup",
    "basic": "Basic",
    "smb": "SMB",
    "standard": "Standard",
    "pro": "Pro",
    "enterprise": "Enterprise",
    "trial": mark("trial"),
    "end_user": mark("end user"),
    "bronze": "Bronze",
    "silver": "Silver",
    "gold": "Gold",
    "platinum": "Platinum",
    "titanium": "Titanium",
    "calls": mark("calls"),
    "audio": mark("audio"),
    "trunk": mark("trunk"),
    "phone": mark("phone"),
    "provisioning": mark("provisioning"),
    "network": mark("network"),
    "firewall": mark("firewall"),
    "os": mark("operating system"),
    "update": mark("update"),
    "install": mark("installation"),
    "backup": mark("backup"),
    "web_client": mark("web client"),
    "mobile_app": mark("mobile app"),
    "queue_ivr": mark("queue or digital receptionist"),
    "voicemail": mark("voicemail"),
    "fax": mark("fax"),
    "crm": "CRM",
    "pms": "PMS",
    "teams": "Microsoft Teams",
    "cfd": "Call Flow Designer",
    "call_control_api": mark("call control API"),
    "conference_third_party": mark("conference with third parties"),
    "fraud": mark("toll fraud"),
    "headset": mark("headset"),
    "gateway": mark("gateway"),
    "custom_template": mark("custom template"),
    "licence": mark("licence"),
    "first_line": mark("first-line support"),
    "evaluation": mark("evaluation"),
    "remote_session": mark("remote session"),
    "other": mark("other"),
    "3cx": "3CX",
    "partner": mark("partner"),
    "provider": mark("provider"),
    "vendor": mark("vendor"),
    "local_lan": mark("local LAN"),
    "stun": "STUN",
    "sbc": "SBC",
    "tunnel": mark("tunnel"),
}
"""Values of a ticket (problem area, hosting, edition, partner tier), who does a step, and ways to provision a phone."""

NAMED = frozenset({"hosting", "edition", "partner_tier", "problem", "inferred_problem", "provision_type"})
"""Facts whose values have names for people."""

LABELS: dict[str, str] = {
    "version": mark("version"),
    "edition": mark("edition"),
    "simultaneous_calls": mark("simultaneous calls"),
    "extensions": mark("extensions"),
    "hosting": mark("hosting"),
    "os": mark("operating system"),
    "fqdn": "FQDN",
    "partner_tier": mark("partner tier"),
    "systems": mark("number of systems"),
    "license_nfr": mark("NFR licence"),
    "problem": mark("problem area"),
    "replicated_on_hosted": mark("replicated on a system hosted by 3CX"),
}
"""Facts of a case."""

COLUMNS: dict[str, str] = {
    "mac": "MAC",
    "ip": "IP",
    "vendor": mark("vendor"),
    "model": mark("model"),
    "firmware": mark("firmware"),
    "extensions": mark("extensions"),
    "provision_type": mark("provisioning"),
    "template": mark("template"),
    "status": mark("status"),
    "number": mark("number"),
    "name": mark("name"),
    "host": mark("host"),
    "type": mark("type"),
    "registered": mark("registered"),
    "kind": mark("kind"),
    "enabled": mark("enabled"),
    "start": mark("start"),
    "from_user": mark("from"),
    "to_user": mark("to"),
    "outcome": mark("outcome"),
    "final_status": mark("final status"),
    "duration_s": mark("duration (s)"),
    "media": mark("media"),
    "call_id": "Call-ID",
    "aor": mark("address of record"),
    "client": mark("client"),
    "last_status": mark("last status"),
    "attempts": mark("attempts"),
    "failures": mark("failures"),
    "src": mark("source"),
    "dst": mark("destination"),
    "ssrc": "SSRC",
    "codec": mark("codec"),
    "packets": mark("packets"),
    "lost": mark("lost"),
    "loss_pct": mark("loss (%)"),
    "jitter_max_ms": mark("greatest jitter (ms)"),
    "mos": "MOS",
}
"""Columns of the page's tables."""


def name_of(value: str) -> str:
    """A value for people; one without a name as it is."""
    return _(NAMES.get(value, value))


def value_text(value: object, fact: str) -> str:
    """A value of a fact for people."""
    if isinstance(value, bool):
        return yes_no(value)
    if isinstance(value, int):
        return number(value)
    return name_of(str(value)) if fact in NAMED else str(value)


def label_of(fact: str) -> str:
    """A fact for people; one without a name with blanks for its underscores."""
    return _(LABELS.get(fact, fact.replace("_", " ")))


def heading_of(column: str) -> str:
    """A column for people; one without a name with blanks for its underscores."""
    return _(COLUMNS.get(column, column.replace("_", " ")))


def needs_text(needs: str) -> str:
    """What a signature needs (``a capture and the event log``) for people; what can be had in several ways, each way once."""
    from analyzer.pack.tables import need_words

    words = need_words()
    if " and " not in needs:
        ways = set(_ways(needs))
        ordered = [way for way in words if way in ways] + sorted(ways.difference(words))
        return _joined(_("{one} or {other}"), ordered)
    # With both words in it, order and repeats say what belongs to what: they stay.
    parts = [_joined(_("{one} or {other}"), _ways(part)) for part in needs.split(" and ")]
    return _joined(_("{one} and {other}"), parts)


def _ways(needs: str) -> list[str]:
    """``a live export, a backup or a capture`` as its three ways."""
    return re.split(r", | or ", needs)


def _joined(form: str, parts: Sequence[str]) -> str:
    text = _(parts[0])
    for part in parts[1:]:
        text = form.format(one=text, other=_(part))
    return text


def by_needs(skipped: Iterable[Mapping[str, str]]) -> list[tuple[str, list[str]]]:
    """Signatures that could not run by what they need, in words; the need of most signatures first."""
    codes: dict[str, list[str]] = {}
    for item in skipped:
        codes.setdefault(needs_text(item["needs"]), []).append(item["code"])
    return sorted(codes.items(), key=lambda pair: (-len(pair[1]), pair[0]))


def scope_word(scope: str) -> str:
    """A verdict inside a line."""
    return {
        "in_scope": _("in scope"),
        "out_of_scope": _("out of scope"),
        "needs_information": _("needs information"),
    }[scope]


def yes_no(value: bool | None) -> str:  # noqa: FBT001 - the value itself
    """Yes, no, or unknown for null."""
    return {True: _("yes"), False: _("no"), None: _("unknown")}[value]
