"""Names of vendors and models: how sources write them, and when two of them are the same device.

A T46G is no T46S: nothing but spelling (case, blanks, hyphens, a vendor's word in front) is levelled.
"""

from __future__ import annotations

import re

from parsers import lazy

_SEPARATORS = lazy.pattern(r"[\s_\-./]+")

_VENDORS: dict[str, str] = {
    "poly": "polycom",
    "linksys": "cisco",
    "sipura": "cisco",
    "mitel": "aastra",
    "aastramitel": "aastra",
}
"""Names under which the same maker's devices go."""

_PREFIXES: tuple[tuple[str, str], ...] = (
    ("soundpointip", "spip"),
    ("soundstationip", "ssip"),
    ("realpresencetrio", "trio"),
    ("sip", ""),
    ("cp", ""),
)
"""What stands before a model in one source and is left out or shortened in another (SIP-T46S, SoundPoint IP 335)."""


def vendor_key(vendor: str | None) -> str:
    """A vendor's name for comparing."""
    key = _SEPARATORS.sub("", vendor or "").casefold()
    return _VENDORS.get(key, key)


def model_key(model: str | None, vendor: str | None = None) -> str:
    """A model's name for comparing, without the vendor's name in front."""
    key = _SEPARATORS.sub("", model or "").casefold()
    own = _SEPARATORS.sub("", vendor or "").casefold()
    if own and key.startswith(own) and len(key) > len(own):
        key = key[len(own) :]
    for prefix, short in _PREFIXES:
        rest = key[len(prefix) :]
        if key.startswith(prefix) and rest[:1].isalnum() and any(c.isdigit() for c in rest):
            if prefix == "cp" and vendor_key(vendor) != "cisco":
                continue
            return short + rest
    return key


def split_suffix(name: str, template: str | None) -> tuple[str, bool | None]:
    """The model name without the stem of the template that is glued to it, and whether one was.

    3CX shows a phone on a custom template as ``Yealink T46S-tvs_yealinkt4x`` (template ``tvs_yealinkt4x.ph.xml``).
    Null where no template is known.
    """
    stem = template_stem(template)
    if stem is None:
        return name, None
    tail = f"-{stem}"
    if name.casefold().endswith(tail.casefold()) and len(name) > len(tail):
        return name[: -len(tail)].rstrip(), True
    return name, False


def template_stem(template: str | None) -> str | None:
    """``tvs_yealinkt4x`` of ``tvs_yealinkt4x.ph.xml``."""
    if not template:
        return None
    name = re.split(r"[\\/]", template)[-1]
    return re.sub(r"(?i)(?:\.(?:ph|fxs|pv))?\.xml$", "", name) or None
