"""Vendor and model out of the name that 3CX shows for a phone.

Samples: ``Yealink T53W``, ``Yealink SIP-T46S``, ``GrandStream GXP-2170``, ``Polycom SPIP501 (3.1.8)``, and of phones with a
template of their own ``Yealink T46S-tvs_yealinkt4x`` (template ``tvs_yealinkt4x.ph.xml``; the pattern was seen in tools
for V18 and V20).
"""

from __future__ import annotations

import re

from msgspec import Struct

from parsers import lazy

_VENDORS = {
    vendor.lower(): vendor
    for vendor in [
        "Yealink",
        "Fanvil",
        "Snom",
        "Grandstream",
        "Htek",
        "Cisco",
        "Linksys",
        "Polycom",
        "Poly",
        "Aastra",
        "Mitel",
        "Gigaset",
        "Panasonic",
        "CyberData",
        "Alcatel",
        "Akuvox",
        "Algo",
        "Audiocodes",
        "Avaya",
        "Beronet",
        "Flyingvoice",
        "Innovaphone",
        "Patton",
        "Sangoma",
        "Siemens",
        "Spectralink",
        "Tiptel",
        "Unify",
        "Vtech",
        "Wildix",
        "Yeastar",
        "Zycoo",
        "Dinstar",
        "2N",
    ]
}
_GLUED = lazy.pattern(r"(?i)^(snom|cisco|yealink|fanvil|htek)-?(?=[A-Z]{0,3}\d)")
_FILE_SUFFIX = lazy.pattern(r"(?i)\.(?:ph|fxs)\.xml$|\.xml$")


class Handset(Struct, frozen=True):
    """``custom`` is true when the name ends in the template's own name (the phone uses a custom template), else null."""

    vendor: str | None
    model: str | None
    custom: bool | None


def template_stem(file: str | None) -> str | None:
    """``tvs_yealinkt4x.ph.xml`` without its endings."""
    return _FILE_SUFFIX.sub("", file.replace("\\", "/").rpartition("/")[2]) if file else None


def vendor_name(word: str | None) -> str | None:
    """A vendor in the usual spelling: ``GrandStream`` is ``Grandstream``, ``snom`` is ``Snom``."""
    return None if word is None else _VENDORS.get(word.strip().lower(), word.strip() or None)


def plain_model(vendor: str | None, model: str | None) -> str | None:
    """A model as catalogues write it: ``SIP-T46S`` is ``T46S``, ``GXP-2170`` is ``GXP2170``, Cisco's ``CP-7841`` is ``7841``."""
    if model is None:
        return None
    name = model.strip()
    if vendor == "Yealink":
        name = re.sub(r"(?i)^(?:SIP|VP)[- ]", "", name)
    elif vendor == "Grandstream":
        name = re.sub(r"(?i)^(GXP|GRP|GXV|GXW|HT|DP|WP|GAC|GDS|GSC)[- ](?=\d)", r"\1", name)
    elif vendor == "Cisco":
        name = re.sub(r"(?i)^CP-?(?=\d{4})", "", name)
    elif vendor == "Snom":
        name = re.sub(r"(?i)^snom", "", name)
    return name or None


def read_handset(name: str | None, template: str | None = None) -> Handset:
    """Vendor, model and custom mark out of a shown name and the template's file name."""
    if not name:
        return Handset(None, None, None)
    shown = " ".join(name.split("(")[0].split())
    stem = template_stem(template)
    custom = None
    if stem and len(shown) > len(stem) + 1 and shown.lower().endswith(f"-{stem.lower()}"):
        shown, custom = shown[: -len(stem) - 1], True
    first, _, rest = shown.partition(" ")
    if first.lower() not in _VENDORS:
        glued = _GLUED.match(shown)
        if not glued:
            return Handset(None, shown or None, custom)
        first, rest = glued[1], shown[glued.end() :]
    vendor = vendor_name(first)
    return Handset(vendor, plain_model(vendor, rest or None), custom)
