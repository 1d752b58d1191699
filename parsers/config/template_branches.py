"""What a phone template sets of STUN, branch by branch.

Templates have a language of their own: ``{IF network=REMOTESTUN} … {ELSE} … {ENDIF}``, nested, also with other conditions
(``{IF ua=…}``, ``{IF blf1}``) that are taken as possibly true both ways. The engine replaces text: a condition behind ``#``
or inside an XML comment works all the same, while a setting there is a comment.

Trap: stock templates for Yealink name a STUN server in branches whose switch is off, and in the STUN branch the server is
the PBX itself. So a template proves nothing about a phone; the result only tells what it would set.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from msgspec import Struct, field

from parsers import lazy
from parsers.config.values import provision_type

VALUE_LIMIT = 200
KEYS_LIMIT = 200

_CONDITION = lazy.pattern(r"\{(IF\s[^{}]{1,4000}|ELSE|ENDIF)\}")
_NETWORK = lazy.pattern(r"IF\s+network\s*(!?=)\s*([A-Za-z0-9_,\s]{1,200})$")
_TOKEN = lazy.pattern(
    r"\{(?P<condition>IF\s[^{}]{1,4000}|ELSE|ENDIF)\}"
    # account.1.nat.nat_traversal = 1      static.sip.nat_stun.enable = 0      P52 = 1
    r"|^[ \t]{0,40}(?P<key>[A-Za-z][\w.\-]{0,100}|P\d{1,5})[ \t]{0,20}=[ \t]{0,20}(?P<value>[^\r\n]{0,400})"
    # <STUN_Server>%%pbx_ip%%</STUN_Server>      <P52>1</P52>      <stun_server idx="1" perm="">…</stun_server>
    r"|<(?P<tag>[A-Za-z][\w.\-]{0,100})(?:\s[^<>]{0,200})?>(?P<inner>[^<>\r\n]{0,400})</",
    re.MULTILINE,
)
_STUN_KEY = lazy.pattern(r"stun|nat_?traversal|^nat_type$|^p52$|^p76$", re.IGNORECASE)


def without_comments(text: str) -> str:
    """The text without XML comments; conditions inside them stay, and so do the numbers of the lines."""
    pieces, at = [], 0
    while (start := text.find("<!--", at)) >= 0:
        end = text.find("-->", start + 4)
        end = len(text) if end < 0 else end + 3
        pieces += [text[at:start], *(match[0] for match in _CONDITION.finditer(text, start, end))]
        pieces.append("\n" * text.count("\n", start, end))
        at = end
    return "".join(pieces) + text[at:]


class _Condition(Struct):
    networks: frozenset[str] | None
    negated: bool = False

    def may_hold(self, network: str) -> bool:
        """Whether the branch may apply to a phone of this provisioning type."""
        return self.networks is None or (network in self.networks) != self.negated


class Branches(Struct):
    """``sets`` by provisioning type; ``unbalanced`` where conditions and their ends do not match."""

    sets: dict[str, dict[str, str]] = field(default_factory=dict)
    unbalanced: bool = False


def _condition(text: str) -> _Condition:
    match = _NETWORK.match(text.strip())
    if not match:
        return _Condition(None)
    words = frozenset(kind for word in match[2].split(",") if (kind := provision_type(word)))
    return _Condition(words, negated=match[1] == "!=")


def stun_branches(text: str, networks: Collection[str]) -> Branches:
    """What the template's text sets for each of ``networks`` (`Template.networks`)."""
    found = Branches()
    open_: list[_Condition] = []
    for match in _TOKEN.finditer(without_comments(text)):
        condition = match["condition"]
        if condition is None:
            key = match["key"] or match["tag"]
            if _STUN_KEY.search(key):
                value = (match["value"] if match["tag"] is None else match["inner"]).strip()[:VALUE_LIMIT]
                for network in networks:
                    if all(outer.may_hold(network) for outer in open_):
                        _set(found.sets.setdefault(network, {}), key, value)
        elif condition.startswith("IF"):
            open_.append(_condition(condition))
        elif not open_:
            found.unbalanced = True
        elif condition == "ELSE":
            open_[-1].negated = not open_[-1].negated
        else:
            open_.pop()
    found.unbalanced = found.unbalanced or bool(open_)
    return found


def _set(keys: dict[str, str], key: str, value: str) -> None:
    """Values that differ by another condition (model …) stand side by side."""
    if key not in keys:
        if len(keys) < KEYS_LIMIT:
            keys[key] = value
    elif value not in keys[key].split(" | ") and len(keys[key]) < 5 * VALUE_LIMIT:
        keys[key] += f" | {value}"
