"""Call quality reports: the JSON object in events of id 10034 (the same as the live export's QualityReport)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from parsers import lazy
from parsers.api import Sink
from parsers.capture.agents import device
from parsers.config import values
from parsers.facts.base import Source
from parsers.facts.inventory import PhoneSeen
from parsers.facts.log import Quality

QUALITY = 10034
"""Id of the events that hold a report."""
REPORT_LIMIT = 256 * 1024
_EXTENSION = lazy.pattern(r"\d{2,8}(?!\d)")
_NO_PHONE = frozenset({"softphone"})


def quality_rows(message: str, source: Source, time: datetime | None, out: Sink) -> bool:
    """One `Quality` row for each party, and a `PhoneSeen` where it names a device; whether the object was understood.

    MOS 0 means "not measured", and so do ``"NaN"`` and ``"INF"`` (OData): they are null. Numbers may be texts.
    """
    try:
        report = json.loads(message[:REPORT_LIMIT])
    except (ValueError, RecursionError):
        return False
    if not isinstance(report, dict):
        return False
    parties = [party for name in ("Party1", "Party2") if isinstance(party := report.get(name), dict) and party]
    for party in parties:
        lost, packets = values.whole(party.get("RxLost")), values.whole(party.get("RxPackets"))
        out.add(
            Quality(
                source=source,
                time=time,
                number=values.text(party.get("Number")),
                codec=values.text(party.get("Codec")),
                mos_from_pbx=mos(party.get("MOSFromPBX")),
                mos_to_pbx=mos(party.get("MOSToPBX")),
                mos=mos(report.get("MOS")),
                rx_lost=lost,
                rx_packets=packets,
                loss_pct=loss_pct(lost, packets),
                rx_jitter=values.number(party.get("RxJitter")),
                duration_s=values.number(party.get("Duration")),
                endpoint_type=values.text(party.get("EndpointType")),
                user_agent=values.text(party.get("UserAgent")),
                address=values.text(party.get("AddressStr")),
                reason=values.text(report.get("Reason")),
            )
        )
        _phone(party, source, time, out)
    return bool(parties)


def mos(value: Any) -> float | None:  # noqa: ANN401 - a cell or a JSON value
    """A MOS; 0 is "not measured"."""
    found = values.number(value)
    return found if found and found > 0 else None


def loss_pct(lost: int | None, packets: int | None) -> float | None:
    """Share of the packets that were lost; null where either count is not known or nothing came."""
    if lost is None or packets is None or lost < 0 or packets <= 0:
        return None
    return round(100 * lost / (lost + packets), 2)


def _phone(party: dict[str, Any], source: Source, time: datetime | None, out: Sink) -> None:
    agent = values.text(party.get("UserAgent"))
    found = device(agent) if agent else None
    if found is None or found.kind in _NO_PHONE:
        return
    number = values.text(party.get("Number"))
    extension = _EXTENSION.match(number) if number else None
    through_tunnel = str(party.get("EndpointType")).upper() == "TUNNEL"
    out.add(
        PhoneSeen(
            source=source,
            origin="quality",
            mac=found.mac,
            # behind a tunnel the address is that of the SBC's side, not the phone's
            ip=None if through_tunnel else values.address(party.get("AddressStr")),
            extension=extension[0] if extension else None,
            vendor=found.vendor,
            model=found.model,
            firmware=found.firmware,
            user_agent=agent,
            kind=found.kind,
            time=time,
        )
    )
