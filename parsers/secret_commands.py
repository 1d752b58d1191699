"""Secrets that were typed behind an option of a command: shell histories, traces of scripts, steps that a ticket quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from parsers.lazy import pattern

REACH: Final = 400
"""Characters behind a command's name in which its options are looked for."""

_VALUE: Final = r"""(?:'([^'\r\n]{1,200})'|"([^"\r\n]{1,200})"|(?![-'"])([^\s'"|;&<>]{1,200}))"""
_END: Final = pattern(r"[\r\n|;]")


def _option(option: str, value: str = _VALUE) -> re.Pattern[str]:
    return pattern(rf"(?<!\S){option}{value}")


_COMMANDS: Final[tuple[tuple[tuple[str, ...], re.Pattern[str], re.Pattern[str]], ...]] = tuple(
    (needles, pattern(rf"(?<![\w.-])(?:{names})(?:\.exe)?(?![\w.])", re.IGNORECASE), option)
    for needles, names, option in (
        # mysql -pSECRET: with a blank behind it, -p asks and the next word is the database
        (("mysql", "mariadb"), r"(?:mysql|mariadb)[a-z-]{0,12}", _option("-p")),
        # curl -su name:SECRET   curl -uname:SECRET
        (("curl",), "curl", _option(r"-[A-Za-z#]{0,8}[uU][ \t]{0,4}", r"""["']?[^\s:"']{1,80}:([^\s"']{1,200})""")),
        (("sshpass",), "sshpass", _option(r"-p[ \t]{0,4}")),
        (("redis-cli",), "redis-cli", _option(r"-a[ \t]{1,4}")),
        (("smbclient", "rpcclient"), r"smbclient|rpcclient", _option(r"-U[ \t]{0,4}", r"""["']?[^\s%"']{1,80}%([^\s"']{1,200})""")),
        (("net use",), "net use", _option(r"/user:\S{1,80}[ \t]{1,4}(?!/)")),
        (("net use",), "net use", _option(r"\\\\\S{1,80}[ \t]{1,4}(?!/)", rf"{_VALUE}(?=[ \t]{{1,4}}/user:)")),
        (("plink", "pscp", "psftp", "putty"), "plink|pscp|psftp|putty", _option(r"-pw[ \t]{1,4}")),
        (("sqlcmd", "osql", "ipmitool"), "sqlcmd|osql|ipmitool", _option(r"-P[ \t]{0,4}")),
        (("ldap",), r"ldap(?:search|whoami|modify|add)", _option(r"-w[ \t]{0,4}")),
        (("snmp",), r"snmp[a-z]{3,10}", _option(r"-[cAX][ \t]{0,4}")),
        (("psexec",), r"psexec(?:64)?", _option(r"-p[ \t]{1,4}")),
        (("freerdp",), r"[wx]freerdp", _option(r"/p:")),
        (("7z ", "rar "), r"7z[ar]?|(?:un)?rar", _option(r"-h?p")),
        (("zip -p",), r"(?:un)?zip", _option(r"-P[ \t]{0,4}")),
        (("openssl ",), "openssl", _option(r"-[kK][ \t]{1,4}")),
        (("sipsak", "sipp"), "sipsak|sipp", _option(r"-(?:a|ap)[ \t]{1,4}")),
        (("useradd", "usermod"), "useradd|usermod", _option(r"-p[ \t]{1,4}")),
        (("htpasswd",), "htpasswd", _option(r"-[a-zA-Z]{0,6}b[a-zA-Z]{0,6}[ \t]{1,4}\S{1,200}[ \t]{1,4}\S{1,80}[ \t]{1,4}")),
    )
)  # fmt: skip

COMMAND_WORDS: Final = tuple(dict.fromkeys(needle for needles, _, _ in _COMMANDS for needle in needles))
"""What stands, in lower case, in every text that names one of the commands."""


def contains(lowered: str, needles: tuple[str, ...]) -> bool:
    """Whether one of the needles stands in the text; a plain loop, because it is asked for every record of every log."""
    for needle in needles:  # noqa: SIM110 - `any` takes four times as long
        if needle in lowered:
            return True
    return False


def typed_spans(text: str, lowered: str) -> Iterator[tuple[int, int]]:
    """Where values of options stand that are passwords or communities."""
    for needles, command, option in _COMMANDS:
        if not contains(lowered, needles):
            continue
        done = 0
        for match in command.finditer(text):
            start = max(done, match.end())
            stop = min(len(text), match.end() + REACH)
            end = _END.search(text, start, stop)
            done = max(start, end.start() if end else stop)
            for found in option.finditer(text, start, done):
                yield found.span(found.lastindex or 0)
