"""Records out of the live system: event log, activity log, audit log, blocked addresses, call quality."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate

from parsers.api import Sink
from parsers.config import values
from parsers.config.live import Family, Node, each, keys
from parsers.config.secret_keys import harvest_text
from parsers.facts.base import QUOTE_LIMIT, Source
from parsers.facts.log import Audit, Event, LogCoverage, LogRecord, Quality
from parsers.facts.system import Setting

_PLACEHOLDER = re.compile(r"%(\d{1,2})(?:\$s)?")
_TRUNK = re.compile(r"\bTrunk (\S{1,64}) has changed status")
_PARAMS_LIMIT = 50


def fill(template: str, params: list[str]) -> str:
    """``Trunk %1$s has changed status to %2$s`` with its values; placeholders without a value stay."""

    def put(match: re.Match[str]) -> str:
        index = int(match[1]) - 1
        return params[index] if 0 <= index < len(params) else match[0]

    return _PLACEHOLDER.sub(put, template)


def _event(node: Node, out: Sink) -> bool:
    number = node.whole("EventId")
    template = node.raw("Message")
    if number is None or not isinstance(template, str):
        return False
    params = node.raw("Params")
    given = [str(p)[: values.TEXT_LIMIT] for p in params[:_PARAMS_LIMIT]] if isinstance(params, list) else []
    message = fill(template[: 4 * QUOTE_LIMIT], given)
    trunk = _TRUNK.search(message)
    out.add(
        Event(
            source=Source(
                artifact=node.artifact,
                path=node.path or None,
                time=node.text("TimeGenerated"),
                text=message[:QUOTE_LIMIT],
            ),
            event_id=number,
            time=values.moment(node.raw("TimeGenerated")),
            message=message,
            origin=node.text("Source"),
            raw_severity=node.text("Type"),
            fields={"trunk": trunk[1]} if trunk else {},
        )
    )
    return True


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
        message = node.raw("Message")
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
    """A change; old and new data are only searched for secrets."""
    changed = False
    for name in ("PrevData", "NewData"):
        data = node.raw(name)
        if isinstance(data, str) and data.strip():
            changed = True
            harvest_text(data[:100_000], out)
    moment = values.moment(node.raw("Timestamp"))
    out.add(
        Audit(
            source=Source(artifact=node.artifact, path=node.path or None, time=node.text("Timestamp")),
            time=moment,
            user=node.text("UserName"),
            ip=values.address(node.raw("Ip")),
            object_name=node.text("ObjectName"),
            action=node.text("Action"),
            changed=changed,
        )
    )
    return moment is not None


def _blocked(node: Node, out: Sink) -> bool:
    address = node.text("IPAddrMask")
    if address is None:
        return False
    for name in ("BlockType", "AddedBy", "ExpiresAt", "Description"):
        value = node.text(name)
        if value is not None:
            out.add(Setting(source=node.source(name), object=f"Blocklist[{address}]", name=name, value=value))
    return True


def _measured(value: float | None) -> float | None:
    """A MOS of 0 means that nothing was measured."""
    return value or None


def _quality(node: Node, out: Sink) -> bool:
    found = False
    for name in ("Party1", "Party2"):
        party = node.child(name)
        if not party.value:
            continue
        found = True
        lost, packets = party.whole("RxLost"), party.whole("RxPackets")
        loss = round(100 * lost / (lost + packets), 2) if lost is not None and packets and lost >= 0 else None
        out.add(
            Quality(
                source=party.place("MOSToPBX"),
                number=party.text("Number"),
                codec=party.text("Codec"),
                mos_from_pbx=_measured(party.number("MOSFromPBX")),
                mos_to_pbx=_measured(party.number("MOSToPBX")),
                mos=_measured(node.number("MOS")),
                rx_lost=lost,
                rx_packets=packets,
                loss_pct=loss,
                rx_jitter=party.number("RxJitter"),
                duration_s=party.number("Duration"),
                endpoint_type=party.text("EndpointType"),
                user_agent=party.text("UserAgent"),
                address=party.text("AddressStr"),
                reason=node.text("Reason"),
            )
        )
    return found


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
