"""Configurations as 3CX rendered them for phones (``…/provisioning/…/<mac>.cfg``): is STUN switched on, and with a server?

STUN is on only where the switch is on **and** a server is set: stock templates write a server also where the switch is off.
The keys are those of public provisioning code and 3CX's stock templates (Yealink, Cisco SPA, Fanvil, Snom, Grandstream,
Htek); of Polycom no STUN key is known. What a phone's own web page exports as plain text is read too. Whether a phone
without STUN stands in the local network or behind an SBC is not read from its file.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

from msgspec import Struct

from parsers import lazy
from parsers.api import Probe, Sink, Tally
from parsers.config import values
from parsers.config.secret_keys import PHONE_PARAMETERS, conceal, is_secret
from parsers.config.template_branches import without_comments
from parsers.facts.base import Source
from parsers.facts.inventory import PhoneSeen
from parsers.tree.member import Member
from parsers.tree.text import whole_text

CONFIDENCE = 90
INFERRED_CONFIDENCE = 70
"""Fanvil's older ``NAT_Type``: that 1 means STUN is inferred from a template that sets it for STUN phones only. Snom's text
form: that a key means there what it means in XML.
"""

PAIRS_LIMIT = 100_000

_PAIR = lazy.pattern(
    # account.1.nat.nat_traversal = 1                    P52=1
    r"^[ \t]{0,40}(?P<key>[A-Za-z][\w.\-]{0,100})[ \t]{0,20}=[ \t]{0,20}(?P<value>[^\r\n]{0,1000})"
    # <item name="account.1.network"><part name="natTraversal">STUN</part></item>    <item name="network.stunServer">…
    r"|<item\s{1,20}name=\"(?P<item>[\w.\-]{1,100})\"\s{0,20}>(?:(?P<only>[^<>\r\n]{0,1000})</item>)?"
    r"|<part\s{1,20}name=\"(?P<part>[\w.\-]{1,100})\"\s{0,20}>(?P<portion>[^<>\r\n]{0,1000})</"
    # <STUN_Enable ua="na">Yes</STUN_Enable>             <stun_server idx="1" perm="">stun.example.com</stun_server>
    r"|<(?P<tag>[A-Za-z][\w.\-]{0,100})(?P<attributes>\s[^<>]{0,200})?>(?P<inner>[^<>\r\n]{0,1000})</",
    re.MULTILINE,
)
_COLON = lazy.pattern(
    # SIP1 Phone Number  :105                            SIP1 NAT Type           :1
    r"^(?P<key>[A-Za-z][\w ./#-]{0,60}?)[ \t]{0,40}:(?P<value>[^\r\n]{0,1000})",
    re.MULTILINE,
)
_MARKED = lazy.pattern(
    # user_name1!: 105                                   stun_server2&: stun.example.com
    r"^(?P<key>[a-z][a-z0-9_]{1,60}?)\d{0,2}[!&$]{1,2}:[ \t]{0,20}(?P<value>[^\r\n]{0,1000})",
    re.MULTILINE,
)
_ATTRIBUTE = lazy.pattern(r'\s(reg\.1\.[\w.]{1,60})="([^"<>\r\n]{0,400})"')
# how such a file begins: markup, a comment, the name of a section, a setting; a log that quotes one begins with a time
_BEGIN = lazy.pattern(r"[\ufeff\s]{0,200}(?:[<#;/]|\[\s?[A-Za-z]|[A-Za-z][\w./# -]{0,100}[!&$]{0,2}\s{0,20}[=:])")
_FOLDER = lazy.pattern(r"/provisioning/([^/\s\"'<>]{4,200})")
# y000000000065.cfg is for all phones of a model; 805ec00000e7.cfg   cfg805ec00000e7.xml   spa805ec00000e7.xml   805ec00000e7-config.cfg
_MAC = lazy.pattern(r"(?i)(?:(?<![0-9a-f])|(?<=spa))((?!0{8})[0-9a-f]{12})(?![0-9a-f])")
_UNRENDERED = lazy.pattern(r"%%\w{1,60}(?:::\w{1,60})?%%|\{IF\s")
_NOTHING = "%NULL%"
"""How Yealink's files clear a value."""
_ON = frozenset({"1", "yes", "true", "on", "stun"})


class Vendor(Struct, frozen=True):
    """How one maker's files look and which keys they have.

    ``switches``: patterns of a switch and of its server (``n`` in both is the same account), and how sure their meaning is.
    ``server_alone`` is a key that is switch and server in one, ``alone_confidence`` how sure that is. ``user`` are keys of the
    first account's extension, ``secrets`` keys that hold passwords without saying so. ``pair`` is one setting of a plain text.
    ``name`` is null for a form that several makers write.
    """

    name: str | None
    head: re.Pattern[str]
    switches: tuple[tuple[str, str, int], ...] = ()
    server_alone: str | None = None
    user: tuple[str, ...] = ()
    secrets: frozenset[str] = frozenset()
    pair: re.Pattern[str] = _PAIR
    alone_confidence: int = CONFIDENCE


_P_VALUES = (
    # two lines P47=pbx.example.com after one another, one of them of the first SIP account or of NAT
    r"^P(?:35|47|52|76|271)[ \t]{0,9}=[^\n]{0,500}\n(?:[ \t]{0,40}(?:#[^\n]{0,500})?\r?\n){0,50}P\d{1,5}[ \t]{0,9}="
    r"|^P\d{1,5}[ \t]{0,9}=[^\n]{0,500}\n(?:[ \t]{0,40}(?:#[^\n]{0,500})?\r?\n){0,50}P(?:35|47|52|76|271)[ \t]{0,9}="
)

PASSWORDS = frozenset(name.upper() for name in PHONE_PARAMETERS)

VENDORS = (
    Vendor(
        "Yealink",
        lazy.pattern(
            r"\A\s{0,20}#!version:|^[ \t]{0,40}(?:static\.)?account\.\d{1,3}\.[\w.]{1,60}[ \t]{0,20}=", re.MULTILINE
        ),
        (
            (r"account\.(?P<n>\d+)\.nat\.nat_traversal", r"account\.(?P<n>\d+)\.nat\.stun_server", CONFIDENCE),
            (r"(?:static\.)?sip\.nat_stun\.enable", r"(?:static\.)?sip\.nat_stun\.server", CONFIDENCE),
        ),
        user=("account.1.user_name", "account.1.label"),
    ),
    Vendor(
        "Cisco", lazy.pattern(r"<flat-profile\b"), (("STUN_Enable", "STUN_Server", CONFIDENCE),), user=("User_ID_1_",)
    ),
    Vendor(
        "Fanvil",
        lazy.pattern(r"<VOIP_CONFIG_FILE\b|<sysConf\b"),
        (
            ("STUN_?Enable", "STUN_?Server(?:_?Addr)?", CONFIDENCE),
            ("NAT_Type", "STUN_Server", INFERRED_CONFIDENCE),
        ),
        user=("Phone_Number", "PhoneNumber"),
    ),
    Vendor(
        "Snom",
        lazy.pattern(r"<phone-settings\b"),
        (("nat_traversal_stun_enable", "(?:nat_traversal_)?stun_server", CONFIDENCE),),
        server_alone="stun_server",
        user=("user_name",),
        secrets=frozenset({"user_pass"}),
    ),
    Vendor(
        "Grandstream",
        lazy.pattern(r"<gs_provision\b"),
        (
            ("P52", "P76", CONFIDENCE),
            (r"account\.\d+\.network\.natTraversal", r"network\.stunServer", CONFIDENCE),
        ),
        user=("P35", "account.1.sip.userid", "account.1.userId"),
        secrets=PASSWORDS,
    ),
    Vendor(
        "Htek",
        lazy.pattern(r"<hl_provision\b"),
        (("P52", "P76", CONFIDENCE),),
        user=("P35",),
        secrets=PASSWORDS,
    ),
    Vendor(
        "Polycom",
        lazy.pattern(
            r'<PHONE_CONFIG\b|<polycomConfig\b|<APPLICATION\s[^<>]{0,400}APP_FILE_PATH|\sreg\.1\.[\w.]{1,60}="'
        ),
        user=("reg.1.address", "reg.1.auth.userId"),
    ),
    Vendor(
        "Snom",
        lazy.pattern(
            r"(?:^|>)[a-z][a-z0-9_]{1,60}[!&$]{1,2}:[^\n]{0,1000}\n[a-z][a-z0-9_]{1,60}[!&$]{1,2}:", re.MULTILINE
        ),
        server_alone="stun_server",
        user=("user_name",),
        secrets=frozenset({"user_pass"}),
        pair=_MARKED,
        alone_confidence=INFERRED_CONFIDENCE,
    ),
    # Fanvil, and others that build on the same firmware
    Vendor(
        None,
        lazy.pattern(r"\A\s{0,20}<<VOIP CONFIG FILE>>"),
        (
            (r"SIP\d{1,2} NAT Type", "STUN Server|Stun Address", INFERRED_CONFIDENCE),
            ("Enable Stun", "STUN Server|Stun Address", INFERRED_CONFIDENCE),
        ),
        user=("SIP1 Phone Number",),
        pair=_COLON,
    ),
    # Grandstream, Htek: P-values without XML
    Vendor(
        None,
        lazy.pattern(_P_VALUES, re.MULTILINE),
        (("P52", "P76", CONFIDENCE),),
        user=("P35",),
        secrets=PASSWORDS,
    ),
)


class Found(Struct, frozen=True):
    """One value and its place in the text."""

    value: str
    at: int
    text: str


def vendor_of(text: str) -> Vendor | None:
    """The maker by the first bytes; null for templates, whose variables are not filled in yet."""
    if _UNRENDERED.search(text):
        return None
    return next((vendor for vendor in VENDORS if vendor.head.search(text)), None)


def pairs(text: str, pair: re.Pattern[str] = _PAIR) -> dict[str, list[Found]]:
    """All settings of a file by key."""
    if pair is not _PAIR:
        return _plain_pairs(text, pair)
    found: dict[str, list[Found]] = defaultdict(list)
    item = ""
    for count, match in enumerate(_PAIR.finditer(text)):
        if count >= PAIRS_LIMIT:
            break
        if match["item"]:
            item = match["item"]
            if match["only"] is None:
                continue
        key = f"{item}.{match['part']}" if match["part"] else match["key"] or match["tag"] or item
        value = next(
            part for part in (match["value"], match["inner"], match["only"], match["portion"]) if part is not None
        )
        value = value.strip()
        found[key].append(Found("" if value == _NOTHING else value, match.start(), match[0].strip()))
    for match in _ATTRIBUTE.finditer(text):
        found[match[1]].append(Found(match[2], match.start(), match[0].strip()))
    return found


def _plain_pairs(text: str, pair: re.Pattern[str]) -> dict[str, list[Found]]:
    found: dict[str, list[Found]] = defaultdict(list)
    for match in islice(pair.finditer(text), PAIRS_LIMIT):
        found[" ".join(match["key"].split())].append(Found(match["value"].strip(), match.start(), match[0].strip()))
    return found


class Stun(Struct, frozen=True):
    """The switch: ``on`` is null where the file has none."""

    on: bool | None
    server: str | None = None
    confidence: int = CONFIDENCE
    place: Found | None = None


def stun_of(vendor: Vendor, found: dict[str, list[Found]]) -> Stun:
    """Whether one of the vendor's switches is on with a server."""
    known = Stun(on=None)
    for switch, server, confidence in vendor.switches:
        servers: dict[str, Found] = {}
        for account, entry in _matching(server, found):
            if entry.value:
                servers.setdefault(account, entry)
        for account, entry in _matching(switch, found):
            named = servers.get(account)
            if named and entry.value.lower() in _ON:
                return Stun(on=True, server=named.value[: values.TEXT_LIMIT], confidence=confidence, place=entry)
            if known.on is None or entry.value.lower() in _ON:
                known = Stun(on=False, confidence=confidence, place=entry)
    if vendor.server_alone and known.on is None:
        entries = found.get(vendor.server_alone, [])
        named = next((entry for entry in entries if entry.value), None)
        if named:
            server = named.value[: values.TEXT_LIMIT]
            return Stun(on=True, server=server, confidence=vendor.alone_confidence, place=named)
        if entries:
            return Stun(on=False, confidence=vendor.alone_confidence, place=entries[0])
    return known


def _matching(pattern: str, found: dict[str, list[Found]]) -> Iterator[tuple[str, Found]]:
    """The values of all keys that match, each with its account (empty where the key has none)."""
    compiled = lazy.pattern(pattern, re.IGNORECASE)
    for key, entries in found.items():
        match = compiled.fullmatch(key)
        if match:
            for entry in entries:
                yield match.groupdict().get("n") or "", entry


def extension_of(vendor: Vendor, found: dict[str, list[Found]]) -> str | None:
    """The extension of the first account."""
    for key in vendor.user:
        for entry in found.get(key, ()):
            if re.fullmatch(r"\d{1,8}", entry.value, re.ASCII):
                return entry.value
    return None


class PhoneConfigParser:
    """Rendered configuration of a phone."""

    kind = "phone_config"

    def claims(self, probe: Probe) -> int:
        """By the maker's own first lines; a file named after a hardware address is more likely one."""
        if not probe.text or not _BEGIN.match(probe.text) or vendor_of(probe.text) is None:
            return 0
        return 75 if _MAC.search(probe.name) else 60

    def parse(self, member: Member, out: Sink) -> Tally:
        """One phone."""
        text = without_comments(whole_text(member))
        vendor = vendor_of(text)
        if vendor is None:
            out.problem("no maker's configuration is recognised in the whole file")
            return Tally(records=1)
        found = pairs(text, vendor.pair)
        for key, entries in found.items():
            if is_secret(key) or key in vendor.secrets:
                for entry in entries:
                    conceal(entry.value, out)
        out.secret(match[1] for match in _FOLDER.finditer(text))
        named = _MAC.search(member.name)
        stun = stun_of(vendor, found)
        first = stun.place
        source = Source(
            artifact=member.path,
            line=text.count("\n", 0, first.at) + 1 if first else 1,
            text=first.text[: values.TEXT_LIMIT] if first else member.name,
        )
        out.add(
            PhoneSeen(
                source=source,
                origin="phone_config",
                mac=values.mac(named[1]) if named else None,
                extension=extension_of(vendor, found),
                vendor=vendor.name,
                provision_type="stun" if stun.on else None,
                provision_confidence=stun.confidence,
                stun=stun.on,
                stun_server=stun.server,
            )
        )
        return Tally(records=1, understood=1)


PARSERS = (PhoneConfigParser(),)
