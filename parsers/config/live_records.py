"""Records out of the live system: event log, activity log, audit log, blocked addresses, call quality."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import Any, Literal

from parsers import lazy
from parsers.api import Sink
from parsers.config import values
from parsers.config.live import Family, Node, each, keys, member_text
from parsers.config.secret_keys import harvest_text
from parsers.facts.base import QUOTE_LIMIT, Source
from parsers.facts.block import Block
from parsers.facts.log import Audit, Event, LogCoverage, LogRecord
from parsers.logs.secrets import scrub
from parsers.tables.audit_data import changed_keys, roles_given
from parsers.tables.call_quality import QUALITY, quality_rows
from parsers.tables.event_fields import event_fields

_PLACEHOLDER = lazy.pattern(r"%(\d{1,2})(?:\$s)?")
_AGENT = lazy.pattern(r"User-Agent: {0,4}([^\r\n]{1,200})")
_ACTIONS: dict[str, Literal["allow", "deny"]] = {"allow": "allow", "block": "deny"}
_PARAMS_LIMIT = 50
_MESSAGE_LIMIT = 64 * 1024


def fill(template: str, params: list[str]) -> str:
    """``Trunk %1$s has changed status to %2$s`` with its values; placeholders without a value stay."""

    def put(match: re.Match[str]) -> str:
        index = int(match[1]) - 1
        return params[index] if 0 <= index < len(params) else match[0]

    return _PLACEHOLDER.sub(put, template)[:_MESSAGE_LIMIT]


def _event(node: Node, out: Sink) -> bool:
    number = node.whole("EventId")
    template = node.raw("Message")
    if number is None or not isinstance(template, str):
        return False
    params = node.raw("Params")
    given = (
        [str(p)[:_MESSAGE_LIMIT] for p in params[:_PARAMS_LIMIT] if isinstance(p, (str, int))]
        if isinstance(params, list)
        else []
    )
    raw = fill(template[:_MESSAGE_LIMIT], given)
    message, secrets = scrub(raw)
    out.secret(secrets)
    time = values.moment(node.raw("TimeGenerated"))
    source = Source(
        artifact=node.artifact, path=node.path or None, time=node.text("TimeGenerated"), text=message[:QUOTE_LIMIT]
    )
    out.add(
        Event(
            source=source,
            event_id=number,
            time=time,
            message=message,
            origin=node.text("Source"),
            raw_severity=node.text("Type"),
            fields=event_fields(number, message),
        )
    )
    understood = time is not None
    if number == QUALITY:
        understood = quality_rows(raw, source, time, out) and understood
    return understood


def _activity(nodes: Iterable[Node], out: Sink) -> int:
    """The activity log; only records in which the signatures may find something become rows."""
    found = [node for node in nodes if isinstance(node.raw("Message"), str)]
    lines = [node.raw("Message").replace("\r", " ").replace("\n", " ").encode("utf-8", "replace") for node in found]
    times = sorted(time for node in found if (time := values.moment(node.raw("TimeStamp"))))
    if found:
        out.add(
            LogCoverage(
                source=Source(artifact=found[0].artifact, path=found[0].path.partition("[")[0] or None),
                kind="activity_log",
                records=len(found),
                first=times[0] if times else None,
                last=times[-1] if times else None,
                local=False,
            )
        )
    if out.scanner is None or not found:
        return len(found)
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    for index in sorted({bisect_right(starts, offset) - 1 for offset in out.scanner.scan(b"\n".join(lines))}):
        if index >= len(found):
            continue
        node = found[index]
        message, secrets = scrub(node.raw("Message")[:_MESSAGE_LIMIT])
        out.secret(secrets)
        out.add(
            LogRecord(
                source=Source(
                    artifact=node.artifact, path=node.path, time=node.text("TimeStamp"), text=message[:QUOTE_LIMIT]
                ),
                kind="activity_log",
                time=values.moment(node.raw("TimeStamp")),
                local=False,
                text=message,
            )
        )
    return len(found)


def _audit(node: Node, out: Sink) -> bool:
    """A change: old and new data are only searched for secrets. Rows without both are openings of the client."""
    data = [
        text
        for name in ("PrevData", "NewData")
        if isinstance(text := node.raw(name), str) and text.strip() not in values.NO_DATA
    ]
    moment = values.moment(node.raw("Timestamp"))
    before, after = (str(node.raw(name) or "") for name in ("PrevData", "NewData"))
    for text in data:
        harvest_text(text[:_MESSAGE_LIMIT], out)
    if data:
        out.add(
            Audit(
                source=Source(
                    artifact=node.artifact,
                    path=node.path or None,
                    time=node.text("Timestamp"),
                    text=member_text("ObjectName", node.raw("ObjectName")),
                ),
                time=moment,
                user=node.text("UserName"),
                ip=values.address(node.raw("Ip")),
                object_name=node.text("ObjectName"),
                action=node.text("Action"),
                changed=True,
                changed_keys=changed_keys(before, after),
                roles_given=roles_given(before, after),
            )
        )
    return moment is not None


_WHOLE_ADDRESS = frozenset({"32", "128", "255.255.255.255"})
"""Masks of one address: ``198.51.100.44/255.255.255.255`` is 198.51.100.44."""


def _blocked(node: Node, out: Sink) -> bool:
    address = node.text("IPAddrMask")
    if address is None:
        return False
    host, _, mask = address.partition("/")
    if mask in _WHOLE_ADDRESS:
        address = host
    description = node.text("Description")
    agent = _AGENT.search(description) if description else None
    action = _ACTIONS.get((node.text("BlockType") or "").lower())
    out.add(
        Block(
            source=node.source("IPAddrMask"),
            sources=node.sources(action="BlockType", description="Description", automatic="AddedBy"),
            address=address,
            action=action,
            expires=values.moment(node.raw("ExpiresAt")),
            description=description,
            automatic=node.text("AddedBy") == "AutoBlacklist" or agent is not None,
            user_agent=agent[1].strip() if agent else None,
        )
    )
    return action is not None


def _quality(node: Node, out: Sink) -> bool:
    """The same object as in events of id 10034."""
    report: dict[str, Any] = {name: node.text(name) for name in ("Reason", "MOS")}
    for name in ("Party1", "Party2"):
        party = node.child(name).value
        report[name] = {key: value for key, value in party.items() if isinstance(value, (str, int, float))}
    place = "Party1.MOSToPBX"
    source = Source(
        artifact=node.artifact, path=node.at("Party1"), text=member_text(place, report["Party1"].get("MOSToPBX"))
    )
    return quality_rows(json.dumps(report), source, None, out)


FAMILIES = (
    Family(
        "xapi_event_logs", ("EventLogs", "EventLog"), keys("EventId TimeGenerated", "EventId Message"), each(_event)
    ),
    Family(
        "xapi_activity_log",
        ("ActivityLog", "ActivityLogEvent", "GetLogs"),
        keys("Index Message TimeStamp"),
        _activity,
    ),
    Family(
        "xapi_audit_log",
        ("AuditLog", "AuditLogs"),
        keys(
            "PrevData ObjectName",
            "NewData ObjectName",
            "ObjectName UserName Timestamp",
            "ObjectType UserName Timestamp",
        ),
        each(_audit),
    ),
    Family("xapi_blocklist", ("Blocklist", "BlocklistAddr"), keys("IPAddrMask"), each(_blocked)),
    Family(
        "xapi_quality_report",
        ("QualityReport", "GetCallQualityReport"),
        keys("Party1 Party2", "Party1 MOS"),
        each(_quality),
    ),
)
