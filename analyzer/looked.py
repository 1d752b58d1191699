"""Which tables were looked at: those that some artifact of the case could have filled.

A table that was looked at and is empty means "nothing there"; one that was not means "could not look".
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from parsers.facts import Facts
from parsers.facts.artifact import Artifact
from parsers.tree.folder import shown_path

ALWAYS = frozenset({"system", "finding"})

BUNDLE_KINDS = frozenset({"eventlog", "health", "system_info", "tsdb_network", "tsdb_services", "tsdb_system"})
"""What a support bundle holds beside its logs."""

CAPTURE_TABLES = frozenset(
    {
        "capture", "sip_message", "sip_peer", "sip_transaction", "call", "rtp_stream", "registration", "stun_exchange",
        "tls_session", "dns_query", "dhcp", "tcp_opening", "tunnel", "phone",
    }
)  # fmt: skip

BY_KIND: dict[str, frozenset[str]] = {
    "audit_log": frozenset({"audit"}),
    "backup_db": frozenset({"phone", "extension", "trunk"}),
    "blacklist": frozenset({"block"}),
    "capture": CAPTURE_TABLES,
    "cdr": frozenset({"cdr"}),
    "eventlog": frozenset({"event", "quality"}),
    "health": frozenset({"health"}),
    "phone_config": frozenset({"phone"}),
    "rest_ip_blacklist": frozenset({"block"}),
    "rest_outbound_rules": frozenset({"outbound_rule"}),
    "rest_trunk_list": frozenset({"trunk"}),
    "setup_config": frozenset({"phone", "extension", "trunk"}),
    "tsdb_network": frozenset({"network_metric"}),
    "tsdb_services": frozenset({"service"}),
    "tsdb_system": frozenset({"host_metric"}),
    "unsupported_phones": frozenset({"phone"}),
    "users_csv": frozenset({"phone", "extension"}),
    "xapi_audit_log": frozenset({"audit"}),
    "xapi_blocklist": frozenset({"block"}),
    "xapi_call_flow_apps": frozenset({"integration"}),
    "xapi_crm_integration": frozenset({"integration"}),
    "xapi_device_infos": frozenset({"phone"}),
    "xapi_event_logs": frozenset({"event"}),
    "xapi_fxs": frozenset({"phone"}),
    "xapi_hotel_services": frozenset({"integration"}),
    "xapi_outbound_rules": frozenset({"outbound_rule"}),
    "xapi_phone_templates": frozenset({"template"}),
    "xapi_quality_report": frozenset({"quality"}),
    "xapi_queues": frozenset({"queue"}),
    "xapi_sbcs": frozenset({"sbc"}),
    "xapi_service_principals": frozenset({"integration"}),
    "xapi_services": frozenset({"service"}),
    "xapi_sip_devices": frozenset({"phone"}),
    "xapi_teams_integration": frozenset({"integration"}),
    "xapi_telemetry": frozenset({"host_metric"}),
    "xapi_trunk_templates": frozenset({"template"}),
    "xapi_trunks": frozenset({"trunk"}),
    "xapi_users": frozenset({"phone", "extension"}),
}


@cache
def log_kinds() -> frozenset[str]:
    """Kinds of artifact that the text-log engine reads."""
    from parsers.logs.parser import LogParser
    from parsers.registry import all_parsers

    return frozenset(parser.kind for parser in all_parsers() if isinstance(parser, LogParser))


def looked_at(artifacts: Iterable[Artifact], facts: Facts, inputs: Iterable[str] = ()) -> set[str]:
    """Names of all tables that were looked at: by kind of artifact that was read, and every table that has rows.

    ``inputs`` are what the user gave: what is none of them lay in a folder or an archive, among others.
    """
    tables = set(ALWAYS) | set(facts.tables())
    alone = frozenset(map(shown_path, inputs))
    for item in artifacts:
        if item.status not in ("ok", "partial") or not item.records:
            continue
        tables |= BY_KIND.get(item.kind, frozenset())
        of_log = item.kind not in BY_KIND and item.kind in log_kinds()
        if of_log:
            tables |= {"log", "log_file"}
        if (of_log or item.kind in BUNDLE_KINDS) and item.path not in alone:  # a dump would lie among the other files
            tables.add("crash")
        if item.kind.startswith("xapi_"):
            tables.add("setting")
    return tables
