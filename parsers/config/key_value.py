"""Files of ``Key = Value`` lines: the PBX's own ini file and the configuration of an SBC. Both hold passwords."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from parsers import lazy
from parsers.api import Probe, Sink, Tally
from parsers.config.secret_keys import conceal, is_secret
from parsers.config.values import text as value_text
from parsers.facts.base import Source
from parsers.facts.system import Setting
from parsers.tree.member import Member
from parsers.tree.text import lines

LINES_LIMIT = 5000

_SECTION = lazy.pattern(r"\[([^\]]{1,80})\]$")
_COMMENT = lazy.pattern(r"(?:^|\s)[#;]")
_PAIR = lazy.pattern(r"([A-Za-z][\w.\-]{0,79})\s{0,40}=\s{0,40}(.*)$")


class KeyValueParser:
    """One such file. ``name`` is the file's usual name, ``keys`` are some that only it has, ``links`` hold addresses with a
    secret path; with ``comments`` a comment may stand behind a value.
    """

    def __init__(
        self, kind: str, name: str, keys: str, links: frozenset[str] = frozenset(), *, comments: bool = False
    ) -> None:
        self.kind = kind
        self.name = name
        self.keys = re.compile(rf"(?m)^[ \t]{{0,20}}(?:{keys})[ \t]{{0,20}}=")
        self.links = links
        self.comments = comments

    def claims(self, probe: Probe) -> int:
        """By keys that only this file has, by its name."""
        if not probe.text:
            return 0
        named = self.name in probe.name.lower()
        if self.keys.search(probe.text):
            return 90 if named else 70
        return 30 if named else 0

    def parse(self, member: Member, out: Sink) -> Tally:
        """Every pair as a setting ``Section.Key``; secrets are handed over."""
        tally = Tally()
        section = ""
        for number, line in lines(member):
            stripped = line.strip()
            if not stripped or stripped[0] in "#;":
                continue
            opened = _SECTION.match(stripped)
            if opened:
                section = f"{opened[1]}."
                continue
            tally.records += 1
            if tally.records > LINES_LIMIT:
                out.problem(f"only the first {LINES_LIMIT} lines are read")
                break
            pair = _PAIR.match(stripped)
            if not pair:
                out.problem(f"line {number} is neither a section nor Key = Value")
                continue
            tally.understood += 1
            self.pair(member, number, section, pair, out)
        return tally

    def pair(self, member: Member, number: int, section: str, pair: re.Match[str], out: Sink) -> None:
        """One setting. Of a provisioning link only the host is kept: its path is a password."""
        key, value, shown = pair[1], pair[2].strip(), pair.string
        if self.comments:
            if is_secret(key):
                conceal(value, out)  # whether a blank and # may stand in a password is not known
            value, shown = (_COMMENT.split(text, maxsplit=1)[0] for text in (value, shown))
        value = value.strip('"')
        if is_secret(key):
            conceal(value, out)
            host = _host(value) if key in self.links else None
            if host:
                source = Source(artifact=member.path, line=number, text=f"{key}=https://{host}/…")
                out.add(Setting(source=source, object=self.name, name=f"{section}{key}Host", value=host))
            return
        source = Source(artifact=member.path, line=number, text=shown[:500])
        out.add(Setting(source=source, object=self.name, name=section + key, value=value_text(value)))


def _host(link: str) -> str | None:
    try:
        return urlsplit(link).hostname
    except ValueError:
        return None


PARSERS = (
    # /var/lib/3cxpbx/Bin/3CXPhoneSystem.ini, also below Instance1/Bin and on Windows
    KeyValueParser("pbx_ini", "3cxphonesystem.ini", "ConfPort|AppPath|MasterDBUser|MasterDBPassword|DBName"),
    # /etc/3cxsbc.conf, /etc/3cxsbc.conf.local:  ProvLink=https://pbx.example.com/sbc/KEY   PbxSipIP=10.0.0.10 # comment
    KeyValueParser(
        "sbc_conf", "3cxsbc.conf", "ProvLink|PbxSipIP|PbxSipPort|TunnelAddr", frozenset({"ProvLink"}), comments=True
    ),
)
