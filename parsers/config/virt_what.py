"""What virt-what says of the machine: ``ExtraLogging/tcxVirtWhat*`` of a support bundle (Linux only).

    kvm
    kvm-ibm_cloud

One name a line; on a physical machine nothing is printed.
"""

from __future__ import annotations

from parsers import lazy
from parsers.api import Probe, Sink, Tally
from parsers.facts.base import QUOTE_LIMIT, Source
from parsers.facts.system import Setting
from parsers.tree.member import Member
from parsers.tree.text import lines

LINE_LIMIT = 100
_NAME = lazy.pattern(r"[a-z][a-z0-9_.-]{1,40}")


class VirtWhatParser:
    """tcxVirtWhat."""

    kind = "virt_what"

    def claims(self, probe: Probe) -> int:
        """By name: its content is a single word."""
        if "virtwhat" not in probe.name.lower():
            return 0
        words = probe.text.split()
        return 60 if words and all(map(_NAME.fullmatch, words)) else 30

    def parse(self, member: Member, out: Sink) -> Tally:
        """A `Setting` for each name."""
        tally = Tally()
        for number, line in lines(member):
            word = line.strip()
            if not word:
                continue
            tally.records += 1
            if tally.records > LINE_LIMIT:
                out.problem(f"more than {LINE_LIMIT} lines: the others are not read")
                break
            if _NAME.fullmatch(word):
                tally.understood += 1
                source = Source(artifact=out.artifact, line=number, text=line[:QUOTE_LIMIT])
                out.add(Setting(source=source, object="VirtWhat", name="Hypervisor", value=word))
        if not tally.records:
            out.problem("virt-what names nothing, as it does on a physical machine")
        return tally


PARSERS = (VirtWhatParser(),)
