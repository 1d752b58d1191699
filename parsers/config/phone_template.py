r"""Templates for phones (``*.ph.xml``) and for FXS and DECT gateways (``*.fxs.xml``).

``<doc><header><type>phone-template</type><name>Example</name><templatetype>supported</templatetype><models><model
ua="EX-100" regex="^Example\s+EX-100\s+(?'fwver'.*)$">Example EX100</model></models>…</header><data><device>
<deviceconfig filename="%%mac_address%%.cfg"><![CDATA[…]]></deviceconfig></device></data></doc>``

``templatetype`` stays in copies that people edited: of a loose file it proves nothing. A file in a folder of a PBX's own
(``CustomTemplates``, ``Http/Templates``) comes from that PBX; any other may come from anywhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parsers import lazy
from parsers.api import Probe, Sink, Tally
from parsers.config.template_branches import stun_branches
from parsers.config.template_head import claim, head_source, origin, read_head
from parsers.config.values import masked, provision_type
from parsers.config.xml_read import all_text, child_text, line_of, local_name
from parsers.facts.base import Source
from parsers.facts.inventory import Template, TemplateKind
from parsers.tree.member import Member

if TYPE_CHECKING:
    from parsers.config.xml_read import Element

MODELS_LIMIT = 500
REGEX_LIMIT = 300
ALL_NETWORKS = ("local_lan", "stun", "tunnel", "sbc")

_TYPES: dict[str, TemplateKind] = {"phone-template": "phone", "fxs-template": "fxs"}
_TYPE = lazy.pattern(r"<type>\s{0,20}(?:phone|fxs)-template\s{0,20}</type>")
_NAME = lazy.pattern(r"(?i)\.(?:ph|fxs)\.xml$")


def python_regex(pattern: str) -> str | None:
    """A .NET pattern in Python's syntax (``(?'fwver'.*)`` becomes ``(?P<fwver>.*)``); null where it cannot be one."""
    if len(pattern) > REGEX_LIMIT:
        return None
    made = re.sub(r"\(\?'(\w{1,40})'", r"(?P<\1>", pattern)
    made = re.sub(r"\(\?<(\w{1,40})>", r"(?P<\1>", made)
    made = re.sub(r"\\k[<'](\w{1,40})[>']", r"(?P=\1)", made)
    try:
        re.compile(made)
    except (re.error, RecursionError, OverflowError):
        return None
    return made


class PhoneTemplateParser:
    """Template of a phone or of a gateway."""

    kind = "phone_template"

    def claims(self, probe: Probe) -> int:
        """By the template's type in its header."""
        return claim(probe, _TYPE, _NAME)

    def parse(self, member: Member, out: Sink) -> Tally:
        """One template."""
        head = read_head(member, out)
        if head is None:
            return Tally(records=1)
        root, header = head
        out.add(self.template(root, header, member, out))
        return Tally(records=1, understood=1)

    def template(self, root: Element, header: Element, member: Member, out: Sink) -> Template:
        """The row."""
        from_pbx, custom = origin(member.path)
        found = Template(
            source=head_source(header, member),
            file=member.name,
            name=child_text(header, "name"),
            kind=_TYPES.get(child_text(header, "type") or "", "phone"),
            template_type=child_text(header, "templatetype"),
            custom=custom,
            copied_from=child_text(header, "template"),
            version=child_text(header, "version"),
            from_pbx=from_pbx,
        )
        if custom:
            found.sources["custom"] = Source(artifact=member.path, text=member.path[-200:])
        for element in header:
            name = local_name(element)
            if name == "models":
                self.models(element, found, out)
            elif name == "allowednetworkconfig":
                found.networks = networks(element)
            elif name == "templatetype":
                found.sources["template_type"] = Source(
                    artifact=member.path,
                    line=line_of(element),
                    path="header/templatetype",
                    text=f"<templatetype>{found.template_type}</templatetype>",
                )
        text = "\n".join(all_text(element) for element in root.iter() if local_name(element) == "deviceconfig")
        branches = stun_branches(text, found.networks or ALL_NETWORKS)
        if branches.unbalanced:
            out.problem("conditions of the template ({IF …} {ELSE} {ENDIF}) do not match")
        found.stun_branches = branches.sets
        return found

    @staticmethod
    def models(element: Element, found: Template, out: Sink) -> None:
        """Shown names, User-Agents and patterns."""
        for model in [child for child in element if local_name(child) == "model"][:MODELS_LIMIT]:
            shown = " ".join((model.text or "").split())[:200]
            agent = (model.get("ua") or "").strip()[:200]
            if shown and not masked(shown):
                found.models.append(shown)
            if agent:
                found.user_agents.append(agent)
            pattern = model.get("regex")
            if pattern:
                usable = python_regex(pattern)
                if usable:
                    found.agent_regexes.append(usable)
                else:
                    out.problem(f"line {model.sourceline}: a pattern for the User-Agent that cannot be used")


def networks(element: Element) -> list[str]:
    """``<option value="REMOTESTUN">1</option>`` as provisioning types, those that are allowed."""
    allowed = {
        provision_type(option.get("value"))
        for option in element
        if local_name(option) == "option" and (option.text or "").strip().lower() in {"1", "true"}
    }
    return sorted(word for word in allowed if word)


PARSERS = (PhoneTemplateParser(),)
