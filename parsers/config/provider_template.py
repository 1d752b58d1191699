"""Templates for trunk providers (``*.pv.xml``): voice (``gateway-template``) and messages (``messaging-template``).

``<doc><header><name>My carrier</name><template>GenericVoIPProvider.pv.xml</template><type>gateway-template</type></header>
<data><device><type>provider</type><field name="RegistrarHost">sip.example.net</field>…</device></data></doc>``

``<template>`` names the template it was copied from (written from V20 U9 on): such a one is custom. One without it may be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers import lazy
from parsers.api import Probe, Sink, Tally
from parsers.config.secret_keys import conceal, is_secret
from parsers.config.template_head import claim, head_source, origin, read_head
from parsers.config.values import text as value_text
from parsers.config.xml_read import child_text, line_of, local_name
from parsers.facts.base import QUOTE_LIMIT, Source
from parsers.facts.inventory import Template, TemplateKind
from parsers.facts.system import Setting
from parsers.tree.member import Member

if TYPE_CHECKING:
    from parsers.config.xml_read import Element

FIELDS_LIMIT = 300

_TYPES: dict[str, TemplateKind] = {"gateway-template": "provider", "messaging-template": "messaging"}
_TYPE = lazy.pattern(r"<type>\s{0,20}(?:gateway|messaging)-template\s{0,20}</type>")
_NAME = lazy.pattern(r"(?i)\.pv\.xml$")


class ProviderTemplateParser:
    """Template of a trunk provider."""

    kind = "provider_template"

    def claims(self, probe: Probe) -> int:
        """By the template's type in its header."""
        return claim(probe, _TYPE, _NAME)

    def parse(self, member: Member, out: Sink) -> Tally:
        """One template, with its fields as settings."""
        head = read_head(member, out)
        if head is None:
            return Tally(records=1)
        root, header = head
        out.add(self.template(header, member))
        for element in [e for e in root.iter() if local_name(e) in {"field", "variable"}][:FIELDS_LIMIT]:
            self.field(element, member, out)
        return Tally(records=1, understood=1)

    @staticmethod
    def template(header: Element, member: Member) -> Template:
        """The row."""
        from_pbx, custom = origin(member.path)
        copied_from = child_text(header, "template")
        sources = {}
        for element in header:
            name = local_name(element)
            if name in {"template", "templatetype"}:
                column = "copied_from" if name == "template" else "template_type"
                text = f"<{name}>{(element.text or '').strip()}</{name}>"[:QUOTE_LIMIT]
                sources[column] = Source(artifact=member.path, line=line_of(element), path=f"header/{name}", text=text)
        if copied_from:
            sources["custom"] = sources["copied_from"]
        return Template(
            source=head_source(header, member),
            sources=sources,
            file=member.name,
            name=child_text(header, "name"),
            kind=_TYPES.get(child_text(header, "type") or "", "provider"),
            template_type=child_text(header, "templatetype"),
            custom=True if copied_from else custom,
            copied_from=copied_from,
            version=child_text(header, "version"),
            from_pbx=from_pbx,
        )

    @staticmethod
    def field(element: Element, member: Member, out: Sink) -> None:
        """``<field name="RegistrarHost">sip.example.net</field>``; the parameters of SIP headers are left out."""
        name = element.get("name")
        if not name or element.get("parameter") is not None:
            return
        if is_secret(name):
            conceal(element.text, out)
            return
        value = value_text(element.text)
        text = f'<{local_name(element)} name="{name}">{value or ""}'[:QUOTE_LIMIT]
        source = Source(artifact=member.path, line=line_of(element), path=f"field[@name='{name}']"[:300], text=text)
        out.add(Setting(source=source, object=f"ProviderTemplate[{member.name}]", name=name[:100], value=value))


PARSERS = (ProviderTemplateParser(),)
