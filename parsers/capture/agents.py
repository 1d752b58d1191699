"""What User-Agent and Server headers say: a 3CX, a scanner, a server, an SBC, or a phone with model and firmware."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from parsers import lazy


class Device(NamedTuple):
    """A phone as its agent text names it, in the vendor's words; the catalogue corrects them later."""

    vendor: str
    model: str | None
    firmware: str | None
    mac: str | None
    kind: str | None = None


_PBX = lazy.pattern(r"^3CXPhoneSystem(?:[ /]+(?P<version>\d{1,3}(?:\.\d{1,6}){1,3}))?(?:\b|$)")
_SCANNER = lazy.pattern(
    r"(?i)friendly-(?:scanner|request)|sipvicious|sundayddr|sip-scan|\biwar\b|sipsak|\bsipcli\b|vaxsipuseragent|pplsip"
    r"|^smap\b|sivus"
)
_SBC = lazy.pattern(r"(?i)\bsbc\b|session border|3cxsbc|acme packet|oracle e-?sbc|perimeta")
_SERVER = lazy.pattern(
    r"(?i)asterisk|freeswitch|kamailio|opensips|openser|sip express router|\bser\b|cirpack|sonus|metaswitch|broad(?:works|soft)"
    r"|genband|patton|mediant|audiocodes|voipswitch|oasis|yeti|sippy|portasip|porta-?switch|arcor|cisco-sipgateway|3cxphonesystem"
    r"|mera|nextone|genesys|avaya|teams|microsoft\.pstnhub|fpbx|freepbx|elastix|yate|repro|drachtio|rtpengine"
)
_SOFTPHONE = lazy.pattern(
    r"(?i)^(?P<vendor>3CX ?Phone(?!System)|3CX (?:Mobile|iOS|Android|Desktop|Web)|microsip|linphone|zoiper|x-lite|eyebeam|bria|nero sipps|"
    r"baresip|pjsua|jitsi|groundwire|acrobits|blink|twinkle|ekiga|sipdroid|csipsimple|mizudroid|ninja|phonerlite|sflphone)"
    r"[^0-9\n]{0,40}(?P<fw>\d[\w.]{0,30})?"
)
_MAC = lazy.pattern(r"(?i)(?<![0-9a-f])(?:[0-9a-f]{12}|[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5})(?![0-9a-f])")
_PHONES = tuple(
    (vendor, begins, lazy.pattern(pattern))
    for vendor, begins, pattern in (
        ("Yealink", "yealink", r"(?i)^Yealink[ -](?:SIP[- ])?(?P<model>(?:VP-)?[A-Z]{1,3}\d{2,3}[A-Z0-9_+-]{0,8})(?: (?P<fw>\d+(?:\.\d+){2,4}))?"),
        ("Snom", "snom", r"(?i)^snom[ -]?(?P<model>[A-Z]{0,2}\d{2,4}[A-Z]{0,3})(?:-SIP)?[/ ](?P<fw>\d[\w.]{0,20})"),
        ("Fanvil", "fanvil", r"(?i)^Fanvil[ -](?P<model>[A-Z]{1,3}\d{1,4}\w{0,4}(?:[- ](?:Pro|V\d))?)(?:[ /]V?(?P<fw>\d+(?:\.\d+)+))?"),
        ("Grandstream", "grandstream", r"(?i)^Grandstream (?P<model>[A-Z]{2,4}-?\d{3,4}\w{0,3})(?: +V[\d.]+[A-Z]?)?(?: +(?P<fw>\d+(?:\.\d+){2,3}))?"),
        ("Cisco", ("cisco", "linksys"), r"(?i)^(?:Cisco|Linksys)[/-](?P<model>SPA\d{3,4}\w{0,3})-(?P<fw>\d[\w.()]{0,20})"),
        ("Cisco", "cisco-", r"(?i)^Cisco-(?:CP-?)?(?P<model>\d{4}[A-Z]{0,4}(?:-3PCC)?)/(?P<fw>\d[\w.()-]{0,20})"),
        ("Htek", "htek", r"(?i)^Htek (?P<model>UC\d{3}\w{0,4})(?: V?(?P<fw>\d+(?:\.\d+)+))?"),
        ("Polycom", "poly", r"(?i)^Poly(?:com)?\w{0,20}-(?P<model>[A-Z]{2,6}_[A-Z]?\d{2,4}\w{0,3})-UA/(?P<fw>\d[\w.]{0,20})"),
        ("Gigaset", "", r"(?i)^(?:Gigaset )?(?P<model>[A-Z]{1,2}\d{3}[A-Z]?(?:[ -](?:IP|DM))?(?:[ -]PRO)?)/(?P<fw>\d[\w.]{0,30})"),
        ("Aastra", ("aastra", "mitel"), r"(?i)^(?:Aastra|Mitel) (?P<model>\d{4,5}i?)[/ ](?P<fw>\d[\w.]{0,20})"),
        ("Panasonic", "panasonic", r"(?i)^Panasonic[-_ ](?P<model>KX-[A-Z]{2,4}\d{3}\w{0,3})/(?P<fw>\d[\w.]{0,20})"),
    )
)  # fmt: skip
"""Vendor, how its agents begin (in small letters: most patterns need not be compiled), and the pattern."""
_VENDOR = lazy.pattern(
    r"(?i)^(yealink|snom|fanvil|grandstream|cisco|linksys|htek|poly(?:com)?|gigaset|aastra|mitel|panasonic|akuvox|dinstar|2n|"
    r"alcatel|escene|vtech|obihai|spectralink|konftel|algo|cyberdata|sangoma|digium|ascom|avm|fritz!?(?:box|fon))"
)
_NAMES = {"linksys": "Cisco", "poly": "Polycom", "fritz": "AVM", "2n": "2N", "avm": "AVM"}


@lru_cache(maxsize=4096)
def pbx_version(agent: str) -> str | None:
    """The version of ``3CXPhoneSystem 18.0.5.418 (418)``; empty text for a 3CX that names none, null for anything else."""
    if agent.strip() == "3CX":
        return ""
    found = _PBX.match(agent.strip())
    return (found["version"] or "") if found else None


@lru_cache(maxsize=4096)
def is_scanner(agent: str) -> bool:
    """Tools that look for SIP servers and weak accounts; their names are easily changed, and some have honest uses."""
    return _SCANNER.search(agent[:200]) is not None


@lru_cache(maxsize=4096)
def is_server(agent: str) -> bool:
    """SIP servers, gateways of providers and session border controllers: no phones."""
    return _SERVER.search(agent[:200]) is not None or _SBC.search(agent[:200]) is not None


@lru_cache(maxsize=4096)
def device(agent: str) -> Device | None:
    """A phone, adapter or softphone of a vendor that is known by name; null for all else.

    Seen in SIP: ``Yealink SIP-T46S 66.85.0.5``, ``Cisco/SPA504G-7.6.2e``, ``snom370/8.7.5.48``.
    """
    text = agent.strip()[:200]
    if pbx_version(text) is not None:
        return None
    mac = _MAC.search(text)
    address = re.sub(r"[:-]", "", mac[0]).lower() if mac else None
    small = text.lower()
    for vendor, begins, pattern in _PHONES:
        found = pattern.match(text) if small.startswith(begins) else None
        if found:
            return Device(vendor, found["model"], found["fw"], address)
    found = _SOFTPHONE.match(text)
    if found:
        return Device(found["vendor"], None, found["fw"], None, "softphone")
    found = _VENDOR.match(text)
    if found and not is_server(text):
        word = found[1].lower()
        name = _NAMES.get(word.rstrip("!")) or ("AVM" if word.startswith("fritz") else word.capitalize())
        return Device(name, None, None, address)
    return None
