"""Which rows of several sources speak of the same device."""

from __future__ import annotations

from collections import defaultdict

from msgspec import Struct, field

from analyzer.catalog.models import model_key, vendor_key
from parsers.capture.address import host_of, is_private
from parsers.facts.inventory import PhoneSeen


class Seen(Struct):
    """A row with what its User-Agent adds: the values that stand for comparing."""

    row: PhoneSeen
    mac: str | None
    vendor: str | None
    model: str | None
    kind: str | None = None

    @property
    def ip(self) -> str | None:
        """The device's address without a port."""
        return host_of(self.row.ip)


class Group(Struct):
    """The rows of one device, in reading order."""

    rows: list[Seen] = field(default_factory=list)
    extensions: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)

    def add(self, seen: Seen) -> None:
        """Take a row in."""
        self.rows.append(seen)
        if seen.row.extension:
            self.extensions.add(seen.row.extension)
        if seen.ip:
            self.addresses.add(seen.ip)

    def fits(self, seen: Seen) -> bool:
        """Whether a row without MAC may be this device: neither vendor nor model say otherwise."""
        for mine in self.rows:
            if mine.vendor and seen.vendor and vendor_key(mine.vendor) != vendor_key(seen.vendor):
                return False
            if mine.model and seen.model and model_key(mine.model, mine.vendor) != model_key(seen.model, seen.vendor):
                return False
        return True


MANY_LINES = frozenset({"dect", "ata", "gateway"})
"""Kinds of devices that stand for many extensions at one address."""


def group(rows: list[Seen]) -> list[Group]:
    """Devices: by MAC; a row without one goes to the only device of its extension, else of its address, that it fits.

    Behind a public address many phones may stand: there an address alone joins no rows of different extensions.
    """
    groups: list[Group] = []
    by_mac: dict[str, Group] = {}
    for seen in rows:
        if seen.mac:
            known = by_mac.get(seen.mac)
            if known is None:
                known = by_mac[seen.mac] = Group()
                groups.append(known)
            known.add(seen)
    by_extension: dict[str, list[Group]] = defaultdict(list)
    by_address: dict[str, list[Group]] = defaultdict(list)

    def index(of: Group) -> None:
        for table, names in ((by_extension, of.extensions), (by_address, of.addresses)):
            for name in names:
                if of not in table[name]:
                    table[name].append(of)

    for known in groups:
        index(known)
    for seen in rows:
        if seen.mac:
            continue
        target = _only([g for g in by_extension.get(seen.row.extension or "", []) if g.fits(seen) and _near(g, seen)])
        target = target or _only([g for g in by_address.get(seen.ip or "", []) if g.fits(seen) and _one_place(g, seen)])
        if target is None:
            target = Group()
            groups.append(target)
        target.add(seen)
        index(target)
    return groups


def _only(found: list[Group]) -> Group | None:
    return found[0] if len(found) == 1 else None


def _near(known: Group, seen: Seen) -> bool:
    """Whether addresses allow that a row of the same extension is this device: one side has none, they meet, or both name
    the model (a phone that got a new address, or is seen before and behind a NAT).
    """
    if not seen.ip or not known.addresses or seen.ip in known.addresses:
        return True
    return seen.model is not None and any(mine.model for mine in known.rows)


def _one_place(known: Group, seen: Seen) -> bool:
    if not seen.row.extension or not known.extensions or seen.row.extension in known.extensions:
        return True
    return is_private(seen.ip or "") is True or seen.kind in MANY_LINES
