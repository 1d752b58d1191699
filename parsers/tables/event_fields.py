"""What the texts of events say, by event id (3CX's list of events; ids above 4100 as tools read them on real systems)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from parsers import lazy
from parsers.config import values

Fields = dict[str, str | int | float | bool | None]

_ADDRESS = r"[0-9A-Fa-f.:]{3,45}"
_CALLBACK = lazy.pattern(
    r"Callback to number (?P<number>\S{1,64}) (?:was requested from Queue (?P<queue>.{1,100}?) by caller|failed)"
)
_FAILED_QUEUE = lazy.pattern(r"Queue:\s{0,4}(?P<name>[^\[\r\n]{0,100}?)\s{0,4}\[(?P<queue>[^\]\r\n]{1,64})\]")
_SLA_QUEUE = lazy.pattern(r"Queue\s{0,4}:?\s{1,4}(?P<name>[^\[(\r\n]{0,100}?)\s{0,4}[\[(](?P<queue>\d{1,10})[\])]")
_LOST = lazy.pattern(
    r"Lost Call in Queue (?P<name>.{0,100}?) ?\((?P<queue>[^)\r\n]{1,64})\) from Caller ID '(?P<number>[^\r\n]{0,100}?)'(?:\s|\.|$)"
)
_EMERGENCY = lazy.pattern(
    r"Emergency number \((?P<number>[^)\r\n]{1,64})\) is dialed from (?P<extension>[^\r\n]{1,100})"
)
_TRUNK = lazy.pattern(
    r"Trunk (?P<trunk>[^\r\n]{1,100}?) has changed status to (?P<status>[A-Za-z]{2,40}(?: [A-Za-z]{2,40})?)"
)
_SBC = lazy.pattern(
    r"(?:Trunk )?SBC '(?P<sbc>[^'\r\n]{1,100})'(?: ?\((?P<ip>[^/()\r\n]{0,60})(?:/(?P<lan_ip>[^()\r\n]{0,60}))?\))?"
    r" has changed status to (?P<status>[A-Za-z]{2,40})"
)
_BLACKLISTED = lazy.pattern(rf"The IP (?P<ip>{_ADDRESS}) has been blacklisted for (?P<seconds>\d{{1,10}}) sec")
_REJECTED = lazy.pattern(
    rf"SIP request \((?P<method>[A-Za-z]{{2,20}})\) from (?P<ip>{_ADDRESS}?)(?::\d{{1,5}})? was rejected\. Reason: (?P<reason>[^\r\n]{{1,300}}?)\.?\s*?(?:[\r\n]|$)"
)
_USERNAME = lazy.pattern(r'\busername="(?P<extension>[^"\r\n]{1,64})"')
_REPLIED = lazy.pattern(r"\breplied:? {0,2}(?P<status>[1-7]\d\d)(?: (?P<phrase>[^\r\n;.]{1,100}))?")
_EXTENSION = lazy.pattern(r"\b[Ee]xt(?:ension|n)?[ .:]{1,3}(?P<extension>\d{2,10})\b")
_REQUEST_LINE = lazy.pattern(r"(?m)^(?P<method>[A-Z]{3,9}) sips?:(?:(?P<number>[^@\s>;]{1,64})@)?[^\s]{1,200} SIP/2\.0")
_DIALLED = lazy.pattern(r"that (?P<who>[^\r\n]{1,100}?) dialed(?: (?P<number>[^\s.,]{1,64}))?")
_NUMBER_IN = lazy.pattern(r"(?P<number>\+?\d{2,20})")
_PROVISIONED = lazy.pattern(
    r"Provisioning file for MAC (?P<mac>[0-9A-Fa-f:.-]{12,17}) of user (?P<extension>\S{1,32}) was (?P<status>[^\r\n.]{1,60})"
)
_SIGNAL = lazy.pattern(r"Service got signal to stop: (?P<signal>[^\r\n]{1,60})")
_FROM = lazy.pattern(r"\bfrom (?P<ip>(?:\d{1,3}\.){3}\d{1,3}|\[?[0-9A-Fa-f:]{6,45}\]?)")


def _named(pattern: re.Pattern[str], message: str) -> Fields:
    found = pattern.search(message)
    return {name: value.strip() if value else None for name, value in found.groupdict().items()} if found else {}


def callback(message: str) -> Fields:
    """102, 103: ``Callback to number 5550100 was requested from Queue Sales by caller …``, ``Queue: Sales [800]``."""
    return {
        name: value for name, value in (_named(_CALLBACK, message) | _named(_FAILED_QUEUE, message)).items() if value
    }


def queue_sla(message: str) -> Fields:
    """104: ``SLA for this queue has been reached. …`` with the queue on a line of its own (layout not seen: optional)."""
    return _named(_FAILED_QUEUE, message) or _named(_SLA_QUEUE, message)


def lost_call(message: str) -> Fields:
    """105: ``Lost Call in Queue Sales (800) from Caller ID '5550100'``. Which of both is the number is told by its digits."""
    found = _named(_LOST, message)
    name, queue = found.get("name"), found.get("queue")
    if isinstance(name, str) and isinstance(queue, str) and name.isdigit() and not queue.isdigit():
        found |= {"name": queue, "queue": name}
    return found


def emergency(message: str) -> Fields:
    """4099: ``Emergency number (112) is dialed from 105``."""
    return _named(_EMERGENCY, message)


def service_stop(message: str) -> Fields:
    """4098: ``Service got signal to stop: 15``."""
    return _named(_SIGNAL, message)


def trunk_status(message: str) -> Fields:
    """4100: ``Trunk 10000 has changed status to Unregistered``."""
    return _named(_TRUNK, message)


def sbc_status(message: str) -> Fields:
    """4102: ``Trunk SBC 'Site' (203.0.113.9/10.0.0.5) has changed status to Down``; the addresses can be missing."""
    found = _named(_SBC, message)
    if found:
        return found | {"ip": values.address(found["ip"]), "lan_ip": values.address(found["lan_ip"])}
    return _named(_TRUNK, message)


def blacklisted(message: str) -> Fields:
    """12290: ``The IP 198.51.100.23 has been blacklisted for 86400 sec``."""
    found = _named(_BLACKLISTED, message)
    return found | {"seconds": int(str(found["seconds"]))} if found else {}


def rejected(message: str) -> Fields:
    """12291: ``SIP request (REGISTER) from 198.51.100.23 was rejected. Reason: ….`` and the raw message, whose
    ``username="…"`` names the extension that is attacked.
    """
    found = _named(_REJECTED, message)
    return (found | _named(_USERNAME, message)) if found else {}


def call_failed(message: str) -> Fields:
    """12294: a call or registration failed, the carrier ``replied: 503 Service Unavailable`` (or ``replied 503``)."""
    found = _named(_REPLIED, message)
    if not found:
        return {}
    return found | {"status": int(str(found["status"]))} | _named(_EXTENSION, message)


def unidentified(message: str) -> Fields:
    """30051: an incoming call that fits no trunk; the whole INVITE stands in the text."""
    return _named(_FROM, message) | _named(_REQUEST_LINE, message)


def no_rule(message: str) -> Fields:
    """30052: no outbound rule: ``… that <who> dialed …``."""
    found = _named(_DIALLED, message)
    who = found.get("who")
    extension = _NUMBER_IN.search(who) if isinstance(who, str) else None
    return found | ({"extension": extension["number"]} if extension else {}) if found else {}


def provisioned(message: str) -> Fields:
    """10029: ``Provisioning file for MAC 805EC00000E7 of user 231 was successfully generated``."""
    found = _named(_PROVISIONED, message)
    return found | {"mac": values.mac(found["mac"])} if found else {}


READERS: Mapping[int, Callable[[str], Fields]] = MappingProxyType(
    {
        102: callback, 103: callback, 104: queue_sla, 105: lost_call, 4098: service_stop, 4099: emergency, 4100: trunk_status,
        4102: sbc_status, 10029: provisioned, 12290: blacklisted, 12291: rejected, 12294: call_failed, 30051: unidentified,
        30052: no_rule,
    }
)  # fmt: skip


def event_fields(event_id: int | None, message: str) -> Fields:
    """The entries of ``fields`` for one event; empty where its text is not known."""
    reader = READERS.get(event_id) if event_id is not None else None
    return reader(message[:16_384]) if reader else {}
