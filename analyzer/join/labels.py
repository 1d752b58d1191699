"""What messages call a device or a trunk, whatever of it is known."""

from __future__ import annotations

from analyzer.i18n import translate as _
from parsers.facts.inventory import Phone, Trunk

EXTENSIONS_SHOWN = 5
"""Extensions of one device that its label names."""


def phone_label(phone: Phone) -> str:
    """``Yealink T53W of extension 105``, else ``Yealink T53W (805e0c112233)``, else ``Phone at 192.0.2.4``."""
    words = " ".join(word for word in (phone.vendor, phone.model) if word)
    if phone.extensions:
        shown = ", ".join(phone.extensions[:EXTENSIONS_SHOWN])
        if len(phone.extensions) > EXTENSIONS_SHOWN:
            shown += " …"
        return _("{phone} of extension {extensions}").format(phone=words or _("Phone"), extensions=shown)
    if words:
        place = phone.mac or phone.ip
        return f"{words} ({place})" if place else words
    if phone.mac:
        return _("Phone {mac}").format(mac=phone.mac)
    return _("Device at {ip}").format(ip=phone.ip) if phone.ip else _("Device without name or address")


def trunk_label(trunk: Trunk) -> str:
    """``Trunk 10000 (Brightline)``, else ``Trunk Brightline``, else ``Trunk to sip.example.com``."""
    name = trunk.name or trunk.provider or trunk.host
    if trunk.number:
        place = f"{trunk.number} ({name})" if name else trunk.number
        return _("Trunk {trunk}").format(trunk=place)
    if trunk.name:
        return _("Trunk {trunk}").format(trunk=trunk.name)
    return _("Trunk to {host}").format(host=name) if name else _("Trunk without name or address")
