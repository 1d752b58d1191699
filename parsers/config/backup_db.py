"""The configuration inside a backup (``<id>Db.xml``, root ``PhoneSystem``), read as a stream.

Element names are those that three independent readers of V18 and V20 backups agree on; where they differ (a gateway as
text or nested) both are accepted. That the numbers of ``ProvType`` follow the order of the API's words is inferred: such a
phone has a lower `PhoneSeen.provision_confidence`, and the raw number stands in its source.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct, field

from parsers import lazy
from parsers.api import Probe, Sink, Tally
from parsers.config import values
from parsers.config.handset_names import read_handset
from parsers.config.live_trunks import registration_required
from parsers.config.secret_keys import conceal, is_secret
from parsers.config.weak import weak_credentials
from parsers.config.xml_read import (
    all_text,
    begins_xml,
    child_named,
    child_text,
    line_of,
    local_name,
    stream_xml,
)
from parsers.facts.base import Source
from parsers.facts.inventory import Extension, Integration, PhoneSeen, ProvisionType, TrunkSeen
from parsers.facts.system import Setting, SystemSeen, Value
from parsers.tree.member import Member

if TYPE_CHECKING:
    from parsers.config.xml_read import Element

BACKUP_RANK = 70
PROVISION_CONFIDENCE = 75
PHONES_LIMIT = 50
"""Phones of one extension."""
GATEWAYS_LIMIT = 10_000

_PROV_TYPES: tuple[ProvisionType, ...] = ("local_lan", "stun", "tunnel", "sbc")
_PROV_TYPE = lazy.pattern(r"""\bProvType\s{0,5}=\s{0,5}["'](\w{1,30})["']""")
_RECORD_TAGS = ("Extension", "Gateway", "VoipProvider", "ExternalLine", "RoutePoint", "Queue", "RingGroup", "IVR")
_SINGLE_TAGS = ("version", "Version", "Date", "externalFqdn", "key", "Key", "LicenseKey")
_TAGS = _RECORD_TAGS + _SINGLE_TAGS
_RECORDS = frozenset(tag.lower() for tag in _RECORD_TAGS)
_SINGLES = frozenset(tag.lower() for tag in _SINGLE_TAGS)
_COUNTED = {"queue": ("Queue", "Queues"), "ringgroup": ("RingGroup", "RingGroups"), "ivr": ("IVR", "IVRs")}


class _Gateway(Struct):
    """A gateway, kept until the line that uses it comes."""

    row: TrunkSeen
    options: dict[str, tuple[Value, Source]]
    used: bool = False


class _Reading(Struct):
    """One Db.xml."""

    artifact: str
    out: Sink
    tally: Tally = field(default_factory=Tally)
    extensions: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    gateways: dict[str, _Gateway] = field(default_factory=dict)
    lines: list[TrunkSeen] = field(default_factory=list)

    def source(self, element: Element, path: str, text: str = "") -> Source:
        """A place in the file."""
        return Source(artifact=self.artifact, line=line_of(element), path=path, text=text[: values.TEXT_LIMIT])

    def child(self, element: Element, path: str, name: str) -> Source:
        """The place of a direct child with its text, or of the element where it has none."""
        child = child_named(element, name)
        if child is None:
            return self.source(element, path)
        return self.source(child, f"{path}/{name}", f"<{name}>{(child.text or '').strip()}</{name}>")

    def seen(self, element: Element, path: str, key: str, value: Value) -> None:
        """One column of the system."""
        text = f"<{path.rpartition('/')[2]}>{value}"
        self.out.add(SystemSeen(source=self.source(element, path, text), key=key, value=value, rank=BACKUP_RANK))

    def take(self, element: Element) -> None:
        """A complete element; what stands inside another record belongs to that."""
        name = local_name(element)
        if any(local_name(outer) in _RECORDS for outer in element.iterancestors()):
            return
        if name in _SINGLES:
            self.single(name, element)
        elif len(element):
            self.tally.records += 1
            self.tally.understood += self.record(name, element)
            element.clear()

    def single(self, name: str, element: Element) -> None:
        """Header, host name, licence."""
        parent = element.getparent()
        above = local_name(parent) if parent is not None else ""
        text = values.text(element.text)
        if (above, name) == ("header", "version") and text:
            self.seen(element, "header/version", "version", text)
        elif (above, name) == ("header", "date") and text:
            source = self.source(element, "header/Date", f"<Date>{text}")
            self.out.add(Setting(source=source, object="Backup", name="Date", value=text))
        elif (above, name) == ("fqdn", "externalfqdn") and text:
            self.seen(element, "fqdn/externalFqdn", "fqdn", text)
        elif above == "license" and text:
            conceal(text, self.out)
            source = self.source(element, f"license/{name}")
            self.out.add(SystemSeen(source=source, key="license_present", value=True, rank=BACKUP_RANK))

    def record(self, name: str, element: Element) -> bool:
        """An extension, a gateway, a line, a route point, or something that is only counted."""
        for inner in element.iter():
            self.conceal(inner)
        if name == "extension":
            return self.extension(element)
        if name in ("gateway", "voipprovider"):
            return self.gateway(element)
        if name == "externalline":
            return self.line(element)
        if name == "routepoint":
            return self.route_point(element)
        self.counts[name] = self.counts.get(name, 0) + 1
        return True

    def conceal(self, element: Element) -> None:
        """Hand over secrets: elements named like one, and DN properties that are one."""
        if _named_as_secret(str(element.tag)):
            conceal(element.text, self.out)
        elif local_name(element) == "dnproperty":
            said = f"{child_text(element, 'Name')} {child_text(element, 'Description')}".lower()
            if is_secret(child_text(element, "Name") or "") or "password" in said or "hash" in said:
                conceal(child_text(element, "Value"), self.out)

    def extension(self, element: Element) -> bool:
        """A user with phones."""
        number = values.text(child_text(element, "Number"))
        if number is None:
            return False
        self.extensions += 1
        path = f"Extension[Number='{number}']"
        names = [n for n in (child_text(element, "FirstName"), child_text(element, "LastName")) if n]
        source = self.child(element, path, "Number")
        clear = (child_text(element, name) for name in ("AuthID", "AuthPassword", "VMPIN"))
        weak = weak_credentials(number, *clear)
        self.out.add(
            Extension(source=source, number=number, name=" ".join(names)[: values.TEXT_LIMIT] or None, weak=weak)
        )
        devices = [inner for inner in element.iter() if local_name(inner) == "phonedevice" and len(inner)]
        for index, device in enumerate(devices[:PHONES_LIMIT]):
            self.phone(device, number, f"{path}/PhoneDevices/PhoneDevice[{index}]")
        return True

    def phone(self, element: Element, number: str, path: str) -> None:
        """A phone of an extension."""
        shown, template = (
            child_text(element, "ProvisioningFilename2"),
            values.text(child_text(element, "TemplateFilename")),
        )
        handset = read_handset(values.text(shown), template)
        raw = prov_type(element)
        settings = next((child for child in element if local_name(child) == "settings"), element)
        row = PhoneSeen(
            source=self.child(element, path, "ProvisioningFilename2"),
            origin="backup_db",
            mac=values.mac(child_text(element, "MAC")),
            extension=number,
            vendor=handset.vendor,
            model=handset.model,
            provision_type=None if raw is None else provision_type(raw),
            provision_confidence=PROVISION_CONFIDENCE,
            template=template,
            custom_template=handset.custom,
            interface=values.text(child_text(element, "Interface")),
        )
        if raw is not None:
            row.sources["provision_type"] = self.source(settings, f"{path}/Settings/@ProvType", f'ProvType="{raw}"')
        if template:
            row.sources["template"] = self.child(element, path, "TemplateFilename")
        self.out.add(row)

    def gateway(self, element: Element) -> bool:
        """A provider or gateway; it becomes a row with its line, or at the end without one."""
        name = values.text(child_text(element, "Name"))
        if name is None:
            return False
        path = f"Gateways/{element.tag}[Name='{name}']"
        template = values.text(child_text(element, "TemplateFilename"))
        row = TrunkSeen(
            source=self.child(element, path, "Name"),
            origin="backup_db",
            name=name,
            host=values.text(child_text(element, "Host")),
            port=values.whole(child_text(element, "Port")),
            template=template,
            gateway_type=values.text(child_text(element, "Type")),
            registration_required=registration_required(child_text(element, "RequireRegistrationFor")),
            simultaneous_calls=values.count(child_text(element, "Lines")),
        )
        if template:
            row.sources["template"] = self.child(element, path, "TemplateFilename")
        if len(self.gateways) < GATEWAYS_LIMIT:
            self.gateways[name] = _Gateway(row, self.options(element, path))
        return True

    def options(self, element: Element, path: str) -> dict[str, tuple[Value, Source]]:
        """Options of a gateway under the names that the live export has for them: ``Gateway.Codecs`` = ``PCMA,G729``."""
        found: dict[str, tuple[Value, Source]] = {}
        codecs = child_named(element, "Codecs")
        if codecs is not None:
            names = [name for codec in codecs if (name := values.text(codec.get("RFCName")))]
            if names:
                text = ", ".join(f'RFCName="{name}"' for name in names)
                found["Gateway.Codecs"] = ",".join(names), self.source(codecs, f"{path}/Codecs", text)
        for name in ("SupportReinvite", "SupportReplaces"):
            flag = values.flag(child_text(element, name))
            if flag is not None:
                found[f"Gateway.{name}"] = flag, self.child(element, path, name)
        mode = values.text(child_text(element, "SRTPMode"))
        if mode:
            found["Gateway.SRTPMode"] = mode, self.child(element, path, "SRTPMode")
        return found

    def line(self, element: Element) -> bool:
        """A trunk: number and calls of its own, the rest is its gateway's."""
        number = values.text(child_text(element, "Number"))
        nested = next((child for child in element if local_name(child) == "gateway"), None)
        name = None if nested is None else values.text(child_text(nested, "Name") or nested.text)
        if number is None:
            return False
        source = self.child(element, f"ExternalLine[Number='{number}']", "Number")
        calls = values.count(child_text(element, "SimultaneousCalls"))
        row = TrunkSeen(source=source, origin="backup_db", number=number, name=name, simultaneous_calls=calls)
        if len(self.lines) < GATEWAYS_LIMIT:
            self.lines.append(row)
        return True

    def join(self, row: TrunkSeen) -> None:
        """Give a line what its gateway says, wherever in the file that stands."""
        kept = self.gateways.get(row.name or "")
        if kept is None:
            return
        kept.used = True
        for column in ("host", "port", "template", "gateway_type", "registration_required", "simultaneous_calls"):
            if getattr(row, column) is None:
                setattr(row, column, getattr(kept.row, column))
                row.sources[column] = kept.row.source_of(column)

    def emit_options(self, row: TrunkSeen, gateway: _Gateway | None) -> None:
        """Say a gateway's options of a trunk."""
        for name, (value, source) in ({} if gateway is None else gateway.options).items():
            self.out.add(
                Setting(source=source, object=f"Backup.Trunks[{row.number or row.name}]", name=name, value=value)
            )

    def route_point(self, element: Element) -> bool:
        """Something that steers calls from outside: an API client or a call flow application, the backup does not tell which."""
        number = values.text(child_text(element, "Number"))
        if number is None:
            return False
        name = values.text(child_text(element, "Name"))
        source = self.child(element, f"RoutePoint[Number='{number}']", "Number")
        shown = f"route point {number}{f' {name}' if name else ''}"
        self.out.add(Integration(source=source, kind="other", name=shown))
        return True

    def finish(self) -> None:
        """What needs the whole file."""
        for row in self.lines:
            self.join(row)
            self.out.add(row)
            self.emit_options(row, self.gateways.get(row.name or ""))
        for kept in self.gateways.values():
            if not kept.used:
                self.out.add(kept.row)
                self.emit_options(kept.row, kept)
        if self.extensions:
            source = Source(
                artifact=self.artifact, path="Tenants/Tenant/DN/Extension", text=f"{self.extensions} extensions"
            )
            self.out.add(SystemSeen(source=source, key="extensions", value=self.extensions, rank=BACKUP_RANK))
        for name, count in self.counts.items():
            tag, plural = _COUNTED[name]
            source = Source(artifact=self.artifact, path=f"Tenants/Tenant/DN/{tag}", text=f"{count}")
            self.out.add(Setting(source=source, object="Backup", name=plural, value=count))


@lru_cache(maxsize=4096)
def _named_as_secret(tag: str) -> bool:
    return is_secret(tag.rpartition("}")[2])


def prov_type(device: Element) -> str | None:
    """``ProvType`` wherever it stands: in the escaped text of ``Settings``, as an attribute, or as an element."""
    for element in device.iter():
        value = element.get("ProvType")
        if value is None and local_name(element) == "provtype":
            value = (element.text or "").strip()
        if value:
            return value[:30]
        if local_name(element) == "settings":
            match = _PROV_TYPE.search(all_text(element)[:20_000])
            if match:
                return match[1]
    return None


def provision_type(raw: str) -> ProvisionType:
    """A number by the order of the API's words, or the word itself."""
    if raw.isascii() and raw.isdigit():
        return _PROV_TYPES[int(raw)] if int(raw) < len(_PROV_TYPES) else "unknown"
    return values.provision_type(raw) or "unknown"


class BackupDbParser:
    """Configuration of a backup."""

    kind = "backup_db"

    def claims(self, probe: Probe) -> int:
        """By the root element."""
        return 90 if begins_xml(probe.text, "PhoneSystem") else 0

    def parse(self, member: Member, out: Sink) -> Tally:
        """Extensions, gateways and lines, one record each."""
        reading = _Reading(member.path, out)
        for element in stream_xml(member, out, "PhoneSystem", _TAGS):
            reading.take(element)
        reading.finish()
        return reading.tally


PARSERS = (BackupDbParser(),)
