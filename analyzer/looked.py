"""Which tables were looked at: those that some artifact of the case could have filled.

A table that was looked at and is empty means "nothing there"; one that was not means "could not look".
"""

from __future__ import annotations

from collections.abc import Iterable

from parsers.facts import Facts
from parsers.facts.artifact import Artifact

ALWAYS = frozenset({"system", "finding", "artifact"})

CAPTURE_TABLES = frozenset(
    {
        "capture",
        "sip_message",
        "sip_peer",
        "call",
        "rtp_stream",
        "registration",
        "stun_exchange",
        "tls_session",
        "dns_query",
    }
)

BY_KIND: dict[str, frozenset[str]] = {
    "capture": CAPTURE_TABLES | {"phone"},
    "eventlog": frozenset({"event", "quality"}),
    "xapi_event_logs": frozenset({"event"}),
    "audit_log": frozenset({"audit"}),
    "xapi_audit_log": frozenset({"audit"}),
    "xapi_users": frozenset({"phone", "extension"}),
    "xapi_sip_devices": frozenset({"phone"}),
    "xapi_device_infos": frozenset({"phone"}),
    "unsupported_phones": frozenset({"phone"}),
    "xapi_trunks": frozenset({"trunk"}),
    "xapi_phone_templates": frozenset({"template"}),
    "xapi_trunk_templates": frozenset({"template"}),
    "xapi_services": frozenset({"service"}),
    "backup_db": frozenset({"phone", "extension", "trunk"}),
    "system_info": frozenset({"host_metric"}),
    "health": frozenset({"health"}),
    "tsdb_system": frozenset({"host_metric"}),
    "tsdb_services": frozenset({"service"}),
    "cdr": frozenset({"cdr"}),
    "blacklist": frozenset({"block"}),
    "phone_config": frozenset({"phone"}),
}

LOG_KINDS_END = ("_log", "_check")
"""Kinds of text logs end in one of these (``service_log``, ``firewall_check``)."""


def looked_at(artifacts: Iterable[Artifact], facts: Facts) -> set[str]:
    """Names of all tables that were looked at: by kind of artifact that was read, and every table that has rows."""
    tables = set(ALWAYS) | set(facts.tables())
    for item in artifacts:
        if item.status not in ("ok", "partial") or not item.records:
            continue
        tables |= BY_KIND.get(item.kind, frozenset())
        if item.kind.endswith(LOG_KINDS_END) or item.kind in ("journal", "syslog"):
            tables |= {"log", "log_file"}
        if item.kind.startswith("xapi_"):
            tables.add("setting")
    return tables
