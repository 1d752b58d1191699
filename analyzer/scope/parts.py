"""Phones, trunks and integrations of a case as parts to be judged, and what the ticket names of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from analyzer.finding import Finding
from analyzer.forms import first_few
from analyzer.i18n import translate as _
from analyzer.scope.situation import NOWHERE, UNSTATED, CaseFacts, Named, Part
from analyzer.ticket_values import Party
from parsers import lazy
from parsers.capture.address import canonical, host_of
from parsers.facts import Facts
from parsers.facts.base import Row, Source
from parsers.facts.capture import Call, Registration, SipPeer
from parsers.facts.inventory import Integration, Phone, Trunk

_TEAMS = lazy.pattern(r"teams", re.IGNORECASE)
_PHONE_NUMBER = lazy.pattern(r"\+?\d[\d /().-]{5,20}")
_CALL_CONTROL = lazy.pattern(r"call[\s_-]*control", re.IGNORECASE)

UNSEEN: dict[str, tuple[str, str]] = {
    "phone": ("phone", "phone"),
    "provisioning": ("phone", "phone"),
    "trunk": ("trunk", "trunk"),
    "crm": ("integration", "crm"),
    "pms": ("integration", "pms"),
}
"""Areas that are about one kind of part: its table and kind. Where no such part is known, there is still one."""


ALIKE = ("type", "standing", "custom_template", "template_type")
"""Columns in which trunks agree that mean the same for the case."""

SHOWN = 6


def known_parts(facts: Facts, findings: Sequence[Finding]) -> list[Part]:
    """Every phone, trunk and integration that the inputs show."""
    parts = [_phone(row) for row in facts.of(Phone)]
    parts += [_trunk(row) for row in facts.of(Trunk)]
    parts += [_integration(row) for row in facts.of(Integration)]
    seen: dict[str, Part] = {}
    for part in parts:  # two rows of one key would make changes to one of them change both
        while part.key in seen:
            part.key += "'"
        seen[part.key] = part
    _excuse(seen, findings)
    return parts


def _excuse(parts: Mapping[str, Part], findings: Sequence[Finding]) -> None:
    """Give the parts, by key, the clauses of which findings speak about them, none of those as a root."""
    about: dict[str, list[Finding]] = {}
    for finding in findings:
        for key in finding.subject if finding.clause else ():
            about.setdefault(key, []).append(finding)
    for key in about.keys() & parts.keys():
        rooted = {finding.clause for finding in about[key] if finding.role == "root"}
        parts[key].excused = frozenset(f.clause for f in about[key] if f.clause and f.clause not in rooted)


def _columns(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__struct_fields__ if name not in ("source", "sources")}


def _phone(row: Phone) -> Part:
    fields = _columns(row)
    fields["plain_template"] = row.custom_template is not True
    fields["own_app"] = row.kind == "softphone" and (row.vendor or "").casefold().startswith("3cx")
    if row.stun is False and row.stun_confidence is None:
        fields["stun_confidence"] = 0
    device = " ".join(word for word in (row.vendor, row.model) if word)
    name = device or (_("phone {name}").format(name=row.mac or row.ip) if row.mac or row.ip else _("phone"))
    if len(row.extensions) == 1:
        name = _("{device} of extension {number}").format(device=name, number=row.extensions[0])
    elif row.extensions:
        name = _("{device} of extensions {numbers}").format(device=name, numbers=", ".join(row.extensions))
    elif device and (row.mac or row.ip):
        name = f"{device} ({row.mac or row.ip})"
    ident = row.mac or row.ip or ",".join(row.extensions) or device
    return Part(of="phone", kind="phone", key=f"phone:{ident}", label=name, fields=fields, source=row.source, sources=row.sources)  # fmt: skip


def _trunk(row: Trunk) -> Part:
    fields = _columns(row)
    fields["plain_template"] = row.custom_template is not True
    ident = row.number or row.name or row.host or row.provider or ""
    names = [word for word in dict.fromkeys((row.number, row.name, row.provider or row.host)) if word]
    name = f"{names[0]} ({', '.join(names[1:])})" if len(names) > 1 else ident
    label = _("gateway {name}") if row.type == "gateway" else _("trunk {name}")
    kind = "gateway" if row.type == "gateway" else "trunk"
    return Part(of="trunk", kind=kind, key=f"trunk:{ident}", label=label.format(name=name), fields=fields, source=row.source, sources=row.sources)  # fmt: skip


def _integration(row: Integration) -> Part:
    fields = _columns(row)
    fields["plain_template"] = row.custom_template is not True
    fields["active"] = row.enabled is not False
    ident = row.name or row.kind
    label = f"{row.kind.upper()} {row.name}" if row.name and row.kind in ("crm", "pms") else ident
    return Part(of="integration", kind=row.kind, key=f"integration:{ident}", label=label, fields=fields, source=row.source, sources=row.sources)  # fmt: skip


def _holds(text: str, part: str) -> bool:
    """Whether a text has another one in it; a number only as a whole: trunk 10000 is not in 34910000123."""
    if part not in text:
        return False
    before, after = r"(?<!\d)" if part[0].isdigit() else "", r"(?!\d)" if part[-1].isdigit() else ""
    return re.search(f"{before}{re.escape(part)}{after}", text) is not None


def _possible(trunks: Iterable[Part], address: str) -> list[Part]:
    """Trunks whose host may have an address: a name, or the address itself."""
    hosts = {part.key: str(part.fields["host"] or "") for part in trunks}
    return [part for part in trunks if (canonical(hosts[part.key]) or address) == address]


class Naming:
    """Finds the parts that the ticket names. Parts that no input shows become parts of which nothing is known."""

    def __init__(self, facts: Facts, parts: list[Part], case: CaseFacts) -> None:
        self.parts = parts
        self.case = case
        self.calls = {call.call_id: call for call in facts.of(Call)}
        self.registrations = facts.of(Registration)
        self.other_pbx = {peer.ip for peer in facts.of(SipPeer) if peer.version is not None}
        self.keys: set[str] = set()
        self.tables: set[str] = set()
        self.anything = False
        self.unseen: list[Party] = []

    def named(self, parties: Iterable[Party]) -> Named:
        """What the parties come to; adds unseen parts to ``parts``."""
        given = list(parties)
        for party in given:
            found = getattr(self, f"_{party.kind}")(party.value)
            self.keys |= {part.key for part in found}
            self.tables |= {part.of for part in found}
            if party.kind != "call" or found:
                self.anything = True
            if all(part.fields.get("unseen") for part in found):
                self.unseen.append(party)
        self._unseen_of_area([party.value for party in given if party.kind == "ext"])
        return Named(keys=frozenset(self.keys), tables=frozenset(self.tables), anything=self.anything)

    def _ext(self, number: str) -> list[Part]:
        self.tables.add("phone")
        hosts = {host_of(row.client) for row in self.registrations if row.user == number and row.client}
        keys = {part.key for host in hosts for part in self._at(host, number)}
        keys |= {part.key for part in self._of_extension(number)}
        return [part for part in self.parts if part.key in keys]

    def _of_extension(self, number: str) -> list[Part]:
        return [part for part in self.parts if part.of == "phone" and number in part.fields["extensions"]]

    def _at(self, host: str | None, user: str | None) -> list[Part]:
        """Phones that may speak for a user from an address: several stand behind one NAT, and those that are known to be
        others' are not meant there.
        """
        there = [part for part in self.parts if part.of == "phone" and host and part.fields["ip"] == host]
        own = [part for part in there if user in part.fields["extensions"]]
        open_ = [part for part in there if not part.fields["extensions"]]
        return own or open_ or (there if len(there) == 1 else [])

    def _phone(self, name: str) -> list[Part]:
        names = {name, host_of(name)}  # an address may come with its port
        found = [
            part
            for part in self.parts
            if part.of == "phone" and names & {part.fields["mac"], part.fields["ip"], *part.fields["extensions"]}
        ]
        return found or [self._add("phone", "phone", name, _("phone {name}").format(name=name))]

    def _trunk(self, name: str) -> list[Part]:
        found = self._matching("trunk", name, ("number", "name", "provider", "host"))
        return found or [self._add("trunk", "trunk", name, _("trunk {name}").format(name=name))]

    def _integration(self, name: str) -> list[Part]:
        found = self._matching("integration", name, ("name", "kind"))
        if found:
            return found
        if _TEAMS.search(name):
            return [p for p in self.parts if p.kind == "teams"]
        kind = self.case.fields["problem"] if self.case.fields["problem"] in ("crm", "pms") else "other"
        return [self._add("integration", kind, name, name)]

    def _call(self, call_id: str) -> list[Part]:
        """Phones and trunks of a call and of the calls joined to it. A phone by the address that speaks for its extension;
        where no leg shows that, all phones of the extension.
        """
        calls = [self.calls[name] for name in (call_id, *self._linked(call_id)) if name in self.calls]
        ends = {(host_of(call.caller), call.from_user) for call in calls}
        ends |= {(host_of(call.callee), call.to_user) for call in calls}
        keys, seen = set(), set()
        for host, user in ends:
            found = self._at(host, user)
            keys |= {part.key for part in found}
            seen |= {user for part in found if user in part.fields["extensions"]}
        keys |= {part.key for _host, user in ends if user and user not in seen for part in self._of_extension(user)}
        return [part for part in self.parts if part.key in keys] + self._trunks_of(calls, ends)

    def _trunks_of(self, calls: list[Call], ends: set[tuple[str | None, str | None]]) -> list[Part]:
        """The trunks of calls. Where it is not known which trunk carried one: all that it may be, if they are alike; else a
        trunk of which nothing is known but its address.
        """
        trunks = [part for part in self.parts if part.of == "trunk"]
        hosts = {host for host, _user in ends if host}
        numbers = {user for _host, user in ends} | {call.derived.get("trunk_number") for call in calls}
        found = [p for p in trunks if p.fields["host"] in hosts or p.fields["number"] in numbers - {None}]
        met = {call.derived["trunk"]: call for call in calls if call.derived.get("trunk")}
        for address, call in sorted(met.items()):
            several = call.derived.get("trunk_numbers", ())
            if call.derived.get("trunk_number") or not trunks or (found and not several):
                continue
            open_ = [p for p in trunks if p.fields["number"] in several] or _possible(trunks, address)
            if address in self.other_pbx:
                open_ = [p for p in open_ if p.fields["type"] == "bridge"]
            found = [p for p in found if p not in open_]
            if len({tuple(p.fields[column] for column in ALIKE) for p in open_}) == 1:
                found += open_
            elif open_:
                either = " / ".join(first_few((p.key.partition(":")[2] for p in open_), SHOWN))
                label = _("trunk {name}").format(name=f"{address} ({either})")
                found.append(self._add("trunk", "trunk", address, label, call.source))
        return found

    def _linked(self, call_id: str) -> list[str]:
        call = self.calls.get(call_id)
        return list(call.linked) if call else []

    def _matching(self, table: str, name: str, columns: Sequence[str]) -> list[Part]:
        """Parts with a column that is the name; else the only one of which a column holds it, or is held by it."""
        wanted = name.casefold()
        parts = [part for part in self.parts if part.of == table]
        texts = {part.key: [str(part.fields[c]).casefold() for c in columns if part.fields.get(c)] for part in parts}
        exact = [part for part in parts if wanted in texts[part.key]]
        if exact or len(wanted) < 3:
            return exact
        near = [
            part
            for part in parts
            if any(_holds(t, wanted) or (len(t) > 2 and _holds(wanted, t)) for t in texts[part.key])
        ]
        if not near and table == "trunk" and len(parts) == 1 and _PHONE_NUMBER.fullmatch(name):
            return parts  # the number that callers dial: there is one trunk that it can be of
        return near if len(near) == 1 else []

    def _unseen_of_area(self, extensions: list[str]) -> None:
        """A problem of a phone is a phone's, also where no input shows which phone."""
        table, kind = UNSEEN.get(self.case.fields["problem"] or UNSTATED, ("", ""))
        same = [
            p
            for p in self.parts
            if p.of == table and (table != "integration" or (p.kind == kind and p.fields["active"]))
        ]
        if not table or any(p.key in self.keys for p in same) or (same and table not in self.tables):
            return
        if kind == "phone":
            label = _("{device} of extension {number}").format(device=_("phone"), number=extensions[0]) if extensions else _("the phone of the problem")  # fmt: skip
        else:
            label = _("the trunk of the problem") if kind == "trunk" else _("the {kind} of the problem").format(kind=kind.upper())  # fmt: skip
        part = self._add(table, kind, "?", label)
        self.keys.add(part.key)

    def _add(self, table: str, kind: str, name: str, label: str, place: Source | None = None) -> Part:
        blank: Row
        if table == "phone":
            blank = Phone(source=NOWHERE)
        elif table == "trunk":
            blank = Trunk(source=NOWHERE)
        else:
            blank = Integration(source=NOWHERE, kind="other")
        fields = _columns(blank) | {"plain_template": True, "own_app": False, "active": True, "unseen": True}
        if table == "integration":
            fields["kind"] = kind
        ticket = ("involves", f"{table}:{name}") if name != "?" else ("problem", str(self.case.fields["problem"]))
        source = place or Source(ticket=ticket[0], text=ticket[1])
        part = Part(of=table, kind=kind, key=f"{table}:{name}", label=label, fields=fields, source=source)
        self.parts.append(part)
        return part


def named_kind(parties: Iterable[Party], parts: Sequence[Part], named: Named, kind: str) -> bool:
    """Whether the ticket names an integration of a kind (``teams``, ``call_control_api``), by the part or by its name."""
    pattern = _TEAMS if kind == "teams" else _CALL_CONTROL
    return any(part.kind == kind and part.key in named.keys for part in parts) or any(
        party.kind == "integration" and pattern.search(party.value) for party in parties
    )
