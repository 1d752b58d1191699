"""``setupconfig.xml``: the answers given to the set-up of a PBX. What was asked for at that time, not what is.

Public ones are often not well-formed (``<ArrayOfSerializedQuestion>`` never closed, ``<answer>auto<answer/>``, shell
variables): they are read strictly first, then pair by pair: ``<code>LicenseKey</code> … <answer>…</answer>``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from parsers import lazy
from parsers.api import Probe, Sink, Tally
from parsers.config import values
from parsers.config.handset_names import read_handset
from parsers.config.live_trunks import registration_required
from parsers.config.secret_keys import conceal, is_secret
from parsers.config.weak import weak_credentials
from parsers.config.xml_read import RefusedError, child_named, child_text, line_of, local_name, parse_plain, root_name
from parsers.facts.base import Source
from parsers.facts.inventory import Extension, PhoneSeen, TrunkSeen
from parsers.facts.system import Setting, SystemSeen
from parsers.tree.member import Member
from parsers.tree.text import whole_text

if TYPE_CHECKING:
    from parsers.config.xml_read import Element

SETUP_RANK = 40
"""Answers of the day of installation: below everything that the PBX says of itself."""

PAIRS_LIMIT = 1000

_ROOT = lazy.pattern(r"<(?:SetupConfig|ArrayOfSerializedQuestion)\b")
_PAIR = lazy.pattern(r"<code>\s{0,20}(\w{1,60})\s{0,20}</code>(?:(?!<code>)[\s\S]){0,400}?<answer>([^<]{0,1000})<")
_BLOCK = lazy.pattern(
    r"<(?P<name>extension|siptrunk)\b[^<>]{0,200}>(?:(?!<(?:extension|siptrunk)\b)[\s\S]){0,20000}?</(?P=name)>",
    re.IGNORECASE,
)
"""An extension or a trunk in a damaged file, up to its end tag."""

_COLUMNS = {"FullExternalFqdn": "fqdn", "LicenseKey": "license_present"}
_PERSONAL = frozenset({"AdminEmail", "LicenseContactName", "LicenseCompanyName", "LicenseEmail", "LicensePhone",
                       "AdminUsername", "MailServerUserName", "MailServerReplyTo"})  # fmt: skip


def option(element: Element, member: Member, out: Sink) -> bool:
    """``<option><code>HttpsPort</code><answer>5001</answer></option>``."""
    code = child_text(element, "code")
    if code is None:
        return False
    answer(code[:60], child_text(element, "answer") or "", line_of(element), member, out)
    return True


def answer(code: str, given: str, line: int | None, member: Member, out: Sink) -> None:
    """One answer as a setting; shell variables (``$KEY``) are no values."""
    known = None if given.startswith("$") else values.text(given)
    column = _COLUMNS.get(code)
    if is_secret(code):
        conceal(known, out)
    if column and known:
        text = f"<code>{code}</code>" if is_secret(code) else f"<code>{code}</code><answer>{known}</answer>"
        source = Source(artifact=member.path, line=line, text=text)
        value = True if column == "license_present" else known
        out.add(SystemSeen(source=source, key=column, value=value, rank=SETUP_RANK))
    if not is_secret(code) and code not in _PERSONAL:
        source = Source(artifact=member.path, line=line, text=f"<code>{code}</code><answer>{known or ''}</answer>")
        out.add(Setting(source=source, object="SetupConfig", name=code, value=known))


def _place(element: Element, name: str, member: Member) -> Source:
    """Where a child stands, and its text."""
    child = child_named(element, name)
    text = "" if child is None else f"<{name}>{(child.text or '').strip()}</{name}>"[:200]
    return Source(artifact=member.path, line=line_of(element if child is None else child), text=text)


def extension(element: Element, member: Member, out: Sink) -> bool:
    """An extension with its phone."""
    number = values.text(child_text(element, "Number"))
    for name in ("AuthPassword", "AuthID"):
        conceal(child_text(element, name), out)
    if number is None:
        return False
    source = _place(element, "Number", member)
    names = [n for n in (child_text(element, "FirstName"), child_text(element, "LastName")) if n]
    clear = (child_text(element, name) for name in ("AuthID", "AuthPassword", "VMPIN"))
    weak = weak_credentials(number, *clear)
    out.add(Extension(source=source, number=number, name=" ".join(names)[: values.TEXT_LIMIT] or None, weak=weak))
    mac, template = values.mac(child_text(element, "MAC")), values.text(child_text(element, "TemplateFilename"))
    handset = read_handset(values.text(child_text(element, "ProvisioningFilename2")), template)
    word = child_text(element, "ProvisionType")
    if mac or template:
        row = PhoneSeen(
            source=source,
            origin="setup_config",
            mac=mac,
            extension=number,
            vendor=handset.vendor,
            model=handset.model,
            provision_type=values.provision_type(word),
            template=template,
            custom_template=handset.custom,
        )
        if word:
            row.sources["provision_type"] = _place(element, "ProvisionType", member)
        out.add(row)
    return True


def trunk(element: Element, member: Member, out: Sink) -> bool:
    """A trunk."""
    name = values.text(child_text(element, "Name"))
    for secret in ("AuthID", "AuthPassword", "SeparateAuthPassword", "SeparateAuthId"):
        conceal(child_text(element, secret), out)
    if name is None:
        return False
    out.add(
        TrunkSeen(
            source=_place(element, "Name", member),
            origin="setup_config",
            name=name,
            host=values.text(child_text(element, "Host")),
            port=values.whole(child_text(element, "Port")),
            template=values.text(child_text(element, "TemplateFilename")),
            registration_required=registration_required(child_text(element, "RequireRegistrationFor")),
            simultaneous_calls=values.count(child_text(element, "SimultaneousCalls")),
        )
    )
    return True


_READERS: dict[str, Callable[[Element, Member, Sink], bool]] = {
    "option": option,
    "serializedquestion": option,
    "extension": extension,
    "siptrunk": trunk,
}


def _blocks(text: str) -> Iterator[Element]:
    """The extensions and trunks of a damaged file, each read on its own; blank lines before it keep its line number."""
    for match in list(_BLOCK.finditer(text))[:PAIRS_LIMIT]:
        element, _ = parse_plain("\n" * text.count("\n", 0, match.start()) + match[0], recover=True)
        if element is not None and local_name(element) in _READERS:
            yield element


class SetupConfigParser:
    """Answers to the set-up."""

    kind = "setup_config"

    def claims(self, probe: Probe) -> int:
        """By the root element, whatever is wrong after it."""
        if "<" not in probe.text[:200]:
            return 0
        return 90 if _ROOT.search(probe.text[:4096]) else 30 if probe.name.lower() == "setupconfig.xml" else 0

    def parse(self, member: Member, out: Sink) -> Tally:
        """Answers, extensions and trunks."""
        text = whole_text(member)
        tally = Tally()
        try:
            root_name(text)
        except RefusedError as error:
            out.problem(str(error))
            return tally
        root, damage = parse_plain(text)
        if root is None:
            out.problem(f"XML damaged: {damage}; only pairs of code and answer, whole extensions and trunks are read")
            for match in list(_PAIR.finditer(text))[:PAIRS_LIMIT]:
                tally.records += 1
                tally.understood += 1
                answer(match[1], match[2].strip(), text.count("\n", 0, match.start()) + 1, member, out)
            for element in _blocks(text):
                tally.records += 1
                tally.understood += _READERS[local_name(element)](element, member, out)
            return tally
        for element in root.iter():
            name = local_name(element)
            if name in _READERS:
                tally.records += 1
                tally.understood += _READERS[name](element, member, out)
        return tally


PARSERS = (SetupConfigParser(),)
