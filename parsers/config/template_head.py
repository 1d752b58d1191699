"""What phone and provider templates have in common: how they are recognised, their header, where they come from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parsers.api import Probe, Sink
from parsers.config.xml_read import begins_xml, child_text, line_of, local_name, parse_xml
from parsers.facts.base import Source
from parsers.tree.member import Member

if TYPE_CHECKING:
    from parsers.config.xml_read import Element


def claim(probe: Probe, kind: re.Pattern[str], name: re.Pattern[str]) -> int:
    """Sure by the type in the header, a guess by the file's name."""
    if not begins_xml(probe.text, "doc"):
        return 0
    return 90 if kind.search(probe.text) else 30 if name.search(probe.name) else 0


def read_head(member: Member, out: Sink) -> tuple[Element, Element] | None:
    """Root and header of a template; null, with a problem, where there is none."""
    root = parse_xml(member, out)
    if root is None:
        return None
    header = next((element for element in root if local_name(element) == "header"), None)
    if header is None:
        out.problem("the template has no header")
        return None
    return root, header


def head_source(header: Element, member: Member) -> Source:
    """The place of a template as a whole: its header, with its name as text."""
    text = f"<name>{child_text(header, 'name') or ''}</name>"
    return Source(artifact=member.path, line=line_of(header), path="header", text=text)


def origin(path: str) -> tuple[bool, bool | None]:
    """Whether the path shows that a template comes from a PBX, and whether it is a custom one."""
    plain = path.replace("\\", "/").lower()
    custom = "/customtemplates/" in plain
    return custom or "/http/templates/" in plain, True if custom else None
