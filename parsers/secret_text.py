"""Where secrets stand in free text: log lines, messages, quoted evidence, error texts, ticket texts.

Values behind a key are found by the key's name (`parsers.config.secret_keys.is_secret`) in every common spelling of key and
value; secrets without a key (digests, SRTP keys, links, licence keys) by their shape (`secret_shapes`), behind options of
commands (`secret_commands`), in base64 and in pieces of private keys (`secret_coded`). A text with escaped letters is searched a
second time as it reads without them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Final

from parsers.config.secret_keys import PHONE_PARAMETERS, is_certain, is_secret
from parsers.config.values import masked
from parsers.lazy import pattern
from parsers.secret_coded import KEY_LINE, credential_spans, key_line_spans, key_spans, plain
from parsers.secret_commands import COMMAND_WORDS, contains, typed_spans
from parsers.secret_shapes import FOREIGN_WORDS, WORDS, shaped_spans

Span = tuple[int, int]

VALUE_LIMIT: Final = 4096

_QUOTE: Final = r"""(?:""|\\{0,4}["']|\\{1,4}u002[27]|&quot;|&\#3[49];|%2[27])"""
_BLANK: Final = r"(?:[ \t]|%20)"
_BEGIN: Final = r"(?:(?<!\w)|(?<=%[0-9A-Fa-f]{2})|(?<=u0022)|(?<=u0027)|(?<=u0026))"
"""Where a name may begin; behind an escaped quote too (``%22``, ``\\u0022`` as .NET writes it)."""

# "AuthPassword": "x"   Password = x   api-key=x   {\"Pwd\":\"x\"}   ""Secret"":""x""   &quot;Token&quot;:&quot;x&quot;   pwd%3Dx
# \u0022Secret\u0022:\u0022x\u0022   password[105]=x
_PAIR = pattern(
    rf"{_BEGIN}([^\W\d][\w.\-]{{0,60}}+)(?:[!&$]{{1,2}}|\[\d{{1,11}}\])?{_QUOTE}?{_BLANK}{{0,8}}(?::=|[=-]>|[:=](?!=)|%3[AaDd]){_BLANK}{{0,8}}(?:\r?\n[ \t]{{0,40}}(?=[\"']))?"
    r"(?=[^\s,;&]|&(?:quot|\#3))"
)
# <AuthPassword>x</AuthPassword>   <user_pass idx="1" perm="RW">x<   &lt;Secret&gt;x&lt;
_ELEMENT = pattern(
    r"(?:(?<![\w/])|(?<=u003[Cc]))([^\W\d][\w.\-]{0,60}+)(?:\s[\w:.-]{1,40}=[^<>]{0,200})?\s{0,8}(?:>|&gt;|\\{1,4}u003[eE])\s{0,8}"
    r"(?:<!\[CDATA\[)?(?=[^<&\s])"
)
_ELEMENT_END = pattern(r"<|&lt;|\]\]>|\\{1,4}u003[cC]")
# {"Name": "MailPassword", "Value": "x"}   <code>AdminPassword</code><answer>x<   <param name="password" value="x"/>   <p name="Pwd">x<
# <setting name="SmtpPassword" serializeAs="String"><value>x<
_NAMED = pattern(
    rf"""(?:{_QUOTE}|>)([^\W\d][\w.\-]{{0,60}}+)(?:{_QUOTE}|</[\w:]{{1,40}}>)\s{{0,8}}"""
    rf"""(?:,?\s{{0,8}}{_QUOTE}?(?:value|answer|val){_QUOTE}?\s{{0,4}}[:=]\s{{0,4}}(?={_QUOTE})|/?<(?:value|answer|val)[^<>]{{0,80}}>"""
    r"""|(?:\s[\w:.-]{1,40}=["'][^"'<>]{0,80}["'])?>\s{0,8}(?:<(?:value|answer|val)[^<>]{0,80}>)?)(?=[^\s<])""",
    re.IGNORECASE,
)
# "AuthPassword": {"Concealed": false, "Value": "x"}
_INNER = pattern(rf"{_QUOTE}value{_QUOTE}\s{{0,4}}:\s{{0,4}}(?={_QUOTE})", re.IGNORECASE)
_OPENING = pattern(_QUOTE)
_BEHIND_EMPTY: Final = ("", ",", "}", "]", " ", "\n", "\r")
"""What may follow two quotes with nothing between them; before anything else they are one quote of CSV."""
_UNQUOTED = pattern(r"""(?:[^\s"'<>,;&]|[,;&](?=[^\s"'<>,;&])(?![\w.\-]{1,40}+["']?\s?[:=]))+""")

# K7QT-93XD-ZP4M-2HVB: four groups of four with letters and digits, standing alone: the shape of a licence key
# (no part of a Call-ID: 00e9d4a5-0015-0001-0000-0000@192.0.2.4)
_LICENCE = pattern(
    r"(?<![\w.@-])((?=[A-Z0-9-]{0,18}\d)(?=(?:[0-9-]{0,18}[A-Z]){2})[A-Z0-9]{4}(?:-[A-Z0-9]{4}){3})(?![\w@-])"
)

_ABOUT_KEYS: Final = frozenset(
    {
        "length", "expired", "expires", "expiry", "policy", "required", "enabled", "disabled", "status", "type", "count",
        "change", "changed", "attempts", "retries", "timeout", "age", "strength", "valid", "invalid", "error", "id_type", "protected",
        "min", "max", "file", "path", "size", "bits", "name_type", "mode", "method", "state", "speed",
    }
)  # fmt: skip
"""Last words of names that speak about a secret and do not hold it."""

_SAID: Final = frozenset(
    {
        "true", "false", "yes", "no", "null", "none", "nil", "undefined", "empty", "on", "off", "ok", "not", "is", "required",
        "incorrect", "invalid", "wrong", "expired", "missing", "mismatch", "match", "changed", "set", "unset", "failed",
        "authentication", "denied", "accepted", "rejected", "unknown", "error", "redacted", "hidden", "<none>", "provided", "running", "started", "stopped",
        "nan", "string", "0", "1",
    }
)  # fmt: skip
"""Words that stand behind a secret's name and say something about it."""

_SESSIONS: Final = frozenset(
    {"jsessionid", "phpsessid", "aspnetsessionid", "connectsid", "csrf", "xsrf", "jwt", "community"}
)
"""Names of cookies and of what opens a session; which of their values are secrets, their looks say."""

_FORMS: Final = frozenset({"number", "code", "value", "ext", "local", "url", "uri", "text", "data", "hash"})
"""Last words of names that say in which form a secret stands there: ``ProvisioningLinkExt``, ``WebhookUrl``."""

_NAME_WORDS = pattern(r"[A-Z]{2,}(?![a-z])|[A-Z]?[^\W\dA-Z_]+|[A-Z]|\d+")


def secret_spans(text: str) -> list[Span]:
    """Where secrets stand in the text: their begin and end, in order, without overlap."""
    spans = list(_found(text))
    unescaped = plain(text)
    if unescaped is not None:
        spans.extend(map(unescaped.original, _found(unescaped.text)))
    return merged(span for span in spans if _to_be_masked(text[slice(*span)]))


def _to_be_masked(value: str) -> bool:
    return value != "" and not masked(value) and "‹" not in value


def _found(text: str) -> Iterator[Span]:
    """Secrets of a text as it stands there; a span may stand in another."""
    lowered = text.lower()
    if _worth_a_look(lowered):
        yield from _by_name(text, lowered)
        yield from shaped_spans(text, lowered)
        yield from typed_spans(text, lowered)
        yield from key_spans(text, lowered)
        yield from credential_spans(text)
    yield from key_line_spans(text)
    if _may_hold_licence(text, lowered):
        yield from (match.span(1) for match in _LICENCE.finditer(text))


def suspects(texts: Sequence[str]) -> list[str]:
    """Those of many texts that are worth a look by themselves; in all others `secret_spans` finds nothing."""
    lowered = [text.lower() for text in texts]
    found = containing(lowered, (*WORDS, *COMMAND_WORDS, *FOREIGN_WORDS))
    found.update(n for n, text in enumerate(texts) if text.count("-") >= 3 and _may_hold_licence(text, lowered[n]))
    found.update(n for n, text in enumerate(texts) if len(text) >= KEY_LINE and any(True for _ in key_line_spans(text)))
    escaped = [n for n, text in enumerate(texts) if "%" in text or "\\" in text or "&" in text]
    found.update(n for n in escaped if (read := plain(texts[n])) is not None and any(True for _ in _found(read.text)))
    return [texts[n] for n in sorted(found)]


def containing(texts: Sequence[str], words: Iterable[str]) -> set[int]:
    """Numbers of the texts in which one of the words stands: many texts are searched as one, each word in one go.

    A word that holds the line break between two texts may name a text too many, never one too few.
    """
    ends = list(accumulate(len(text) + 1 for text in texts))
    joined = "\n".join(texts)
    found: set[int] = set()
    for word in words:
        at = joined.find(word)
        while at >= 0:
            number = bisect_right(ends, at)
            found.add(number)
            at = joined.find(word, ends[number])
    return found


def _may_hold_licence(text: str, lowered: str) -> bool:
    return text.count("-") >= 3 and text != lowered


def _worth_a_look(lowered: str) -> bool:
    return (
        contains(lowered, WORDS)
        or ((" -" in lowered or " /" in lowered) and contains(lowered, COMMAND_WORDS))
        or (not lowered.isascii() and contains(lowered, FOREIGN_WORDS))
    )


def without_secrets(text: str, mask: str) -> str:
    """The text with ``mask`` in the place of every secret."""
    return without(text, secret_spans(text), mask)


def without(text: str, spans: Sequence[Span], mask: str) -> str:
    """The text with ``mask`` in the place of every span; they are in order and do not overlap."""
    shown: list[str] = []
    done = 0
    for start, end in spans:
        shown += (text[done:start], mask)
        done = end
    return "".join((*shown, text[done:]))


def _by_name(text: str, lowered: str) -> Iterator[Span]:
    marked_up = ">" in text or "&gt;" in lowered or "u003e" in lowered
    for pairs in (_PAIR, _NAMED) if marked_up or "val" in lowered or "answer" in lowered else (_PAIR,):
        end = 0
        for match in pairs.finditer(text):
            if match.start() >= end and _holds_secret(match[1]):
                for span in _likely(match[1], text, _value(text, match.end())):
                    end = span[1]
                    yield span
    if marked_up:
        yield from _by_element(text)


def _by_element(text: str) -> Iterator[Span]:
    """Texts of elements. Where the next mark stands is asked once for all elements before it."""
    end = -1
    done = 0
    for match in _ELEMENT.finditer(text):
        start = match.end()
        if start < done or not _holds_secret(match[1]):
            continue
        if end < start:
            found = _ELEMENT_END.search(text, start)
            end = found.start() if found else len(text.removesuffix("\n"))
        done = min(end, start + VALUE_LIMIT)
        yield from _likely(match[1], text, (start, done))


def _squeezed(name: str) -> str:
    """``ASP.NET_SessionId`` is ``aspnetsessionid``."""
    return "".join(filter(str.isalnum, name.lower()))


@lru_cache(maxsize=4096)
def _holds_secret(name: str) -> bool:
    """Whether the name says that a secret stands behind it, and not something about one (``PasswordLength``, ``KeyExchange``)."""
    name = name.rstrip(".-")
    words = _NAME_WORDS.findall(name)
    if not words or words[-1].lower() in _ABOUT_KEYS:
        return False
    if is_certain(name) or name.lower() in PHONE_PARAMETERS or _squeezed(name) in _SESSIONS:
        return True
    tail = "_".join(words[-2:]) if words[-1].lower() in _FORMS or words[-1].isdigit() else words[-1]
    return is_secret(name) and (is_secret(tail) or name.lower().endswith("key"))


def _likely(name: str, text: str, span: Span) -> Iterator[Span]:
    """The span, where its text can be such a secret."""
    value = text[slice(*span)]
    # %%extension_auth_pw%%: a place to be filled in
    if not value or value.lower().rstrip(".") in _SAID or "%%" in value:
        return
    lowered = name.lower()
    has_digit = any(c.isdigit() for c in value)
    if is_certain(name):
        likely = True
    elif lowered.endswith(("link", "webhook")):
        likely = "/" in value
    elif lowered in PHONE_PARAMETERS:
        # P34=x; behind a colon it may be a word of a text: P2: trunk
        likely = len(value) >= 4 and (has_digit or not text[: span[0]].rstrip(" \"'").endswith(":"))
    elif "pin" in lowered:
        likely = has_digit and len(value) >= 3
    else:
        likely = (has_digit and len(value) >= 6) or len(value) >= 16
    if lowered.endswith("key") and len(value) < 16 and value.isalpha() and value.islower():
        likely = False  # check_private_key:key values mismatch
    if likely:
        yield span


def _value(text: str, start: int) -> Span:
    """What stands behind a key and its sign: a quoted text, the inside of an object, or all up to a blank or the next pair."""
    stop = min(len(text), start + VALUE_LIMIT)
    if text[start] in "{[":
        inner = _INNER.search(text, start, min(stop, start + 200))
        if inner is not None:
            return _value(text, inner.end())
        end = text.find("]" if text[start] == "[" else "}", start, stop)
        return start + 1, end if end >= 0 else stop
    quote = _OPENING.match(text, start)
    empty = quote is not None and quote[0] == '""' and text[quote.end() : quote.end() + 1] in _BEHIND_EMPTY
    if quote is None or empty:
        found = _UNQUOTED.match(text, start, stop)
        return found.span() if found else (start, start)
    return quote.end(), _closing(text, quote.end(), stop, quote[0])


def _closing(text: str, start: int, stop: int, quote: str) -> int:
    """Where the quoted text ends; a quote sign behind a backslash does not end it. Cut text ends where it was cut."""
    at = start
    while (at := text.find(quote, at, stop)) >= 0:
        if len(quote) > 1 or text[at - 1] != "\\" or text[at - 2] == "\\" or at == start:
            return at
        at += 1
    line_end = text.find("\n", start, stop)
    return line_end if line_end >= 0 else stop


def merged(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, those that overlap as one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found
