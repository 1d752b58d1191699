"""Where secrets stand in free text: log lines, messages, quoted evidence, error texts, ticket texts.

Values behind a key are found by the key's name (`parsers.config.secret_keys.is_secret`) in every common spelling of key and
value; secrets without a key (digests, SRTP keys, links, licence keys) by their shape.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Final

from parsers.config.secret_keys import is_certain, is_secret
from parsers.config.values import masked
from parsers.lazy import pattern

Span = tuple[int, int]

VALUE_LIMIT: Final = 4096

_KNOWN_TOKENS: Final = (
    "gho_",
    "ghp_",
    "ghu_",
    "ghs_",
    "ghr_",
    "xox",
    "sk_live_",
    "sk_test_",
    "aiza",
    "akia",
    "ya29.",
    "glpat-",
)
_WORDS: Final = (
    "pass", "auth", "key", "secret", "token", "pw", "pin", "link", "://", "sip:", "sips:", "response", "nonce", "licen", "inline:",
    "credential", "webhook", "sipid", "variablechoices", "provis", "/sbc/", "opaque", "k=", "ice-", "mikey", "cookie", "eyj", "hash",
    "ha1", "$", "certificate", "-u ", "basic", "bearer", "wort", "senha",
    "--user", "code=", "sig=", "signature=", "assertion", "samlresponse", "otp", "psk", "clave", "chiave", "parola", "{sha", "{ssha", "md5",
    "contrasena", *_KNOWN_TOKENS,
)  # fmt: skip
_FOREIGN_WORDS: Final = ("contrase", "парол", "κωδικ")
"""Text without any of these (in lower case) and without the shape of a licence key holds no secret that is known here."""

_QUOTE: Final = r"""(?:""|\\{0,4}["']|\\{1,4}u002[27]|&quot;|&\#3[49];|%2[27])"""
_BLANK: Final = r"(?:[ \t]|%20)"
_BEGIN: Final = r"(?:(?<!\w)|(?<=%[0-9A-Fa-f]{2})|(?<=u0022)|(?<=u0027)|(?<=u0026))"
"""Where a name may begin; behind an escaped quote too (``%22``, ``\\u0022`` as .NET writes it)."""

# "AuthPassword": "x"   Password = x   api-key=x   {\"Pwd\":\"x\"}   ""Secret"":""x""   &quot;Token&quot;:&quot;x&quot;   pwd%3Dx
# \u0022Secret\u0022:\u0022x\u0022   password[105]=x
_PAIR = pattern(
    rf"{_BEGIN}([^\W\d][\w.\-]{{0,60}}+)(?:!|\[\d{{1,11}}\])?{_QUOTE}?{_BLANK}{{0,8}}(?::=|[=-]>|[:=](?!=)|%3[AaDd]){_BLANK}{{0,8}}"
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

_SPOKEN: Final = r"(?:[ \t]{1,4}[(\[]?(?:for|of|user|extension|account|trunk|changed|set|reset|was|is|to|from|new|lautet|ist|est|es|\d{1,11})[)\]]?){0,6}"

_SHAPES: Final[tuple[tuple[tuple[str, ...], re.Pattern[str]], ...]] = tuple(
    (needles, pattern(text, re.IGNORECASE | re.DOTALL))
    for needles, text in (
        # Authorization: Digest username="231", …, nonce="n1", response="5f2ab3…"
        (("nonce", "opaque", "rspauth"), r"""\b(?:(?:c|next)?nonce|opaque|rspauth)\s{0,8}=(?:\s|\\[rnt]){0,12}\\{0,4}["']?([^"',;\s<>&\\]{1,512})"""),
        (("response",), r"""\bresponse\s{0,8}=(?:\s|\\[rnt]){0,12}\\{0,4}["']([^"'\\\s]{1,512})"""),
        (("response",), r"""\bresponse\s{0,8}=\s{0,8}((?=[^\s,;&]{0,64}\d)(?=[^\s,;&]{0,64}[a-z])[^"',;\s<>&\\]{8,512})"""),
        (("authorization",), r"""authorization["']?\s{0,8}[:=]\s{0,8}["']?(?!digest)(?:[a-z][\w-]{1,20}\s{1,8})([^\s,;"'<>]{6,4096})"""),
        (("authorization",), r"""authorization["']?\s{0,8}[:=]\s{0,8}["']?((?=[^\s,;"'<>]{0,64}\d)[^\s,;"'<>]{8,4096})"""),
        (("bearer", "basic"), r"\b(?:bearer|basic)(?:[ \t]|%20|\+){1,4}((?=[a-z._~+/=-]{0,200}\d|[\w.~+/=-]{16})[\w.~+/=-]{8,4096})"),
        (("cookie",), r"\bcookie(?: pair)?\\{0,4}[\"']?\s{0,4}:\s{0,4}(?:\[\s{0,4})?\\{0,4}[\"']?(?=[\w.-]{1,80}=)([^\r\n]{1,4096})"),
        (("eyj",), r"\b(eyj[\w-]{8,4096}\.[\w-]{8,4096}\.[\w-]{0,4096})"),
        # a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:Wm9v…   (RFC 4568), key exchange and ICE of SDP
        (("inline:",), r"\binline:\s{0,8}([\w+/=|:-]{8,512})"),
        (("mikey",), r"\bmikey\s{1,4}([\w+/=]{4,8192})"),
        (("ice-",), r"\ba=ice-(?:pwd|ufrag):([^\s]{2,512})"),
        (("k=",), r"(?<!\w)k=(?:clear|base64|uri):([^\s]{2,512})"),
        # https://admin:x@pbx.example.com/   sip:105:x@pbx.example.com
        (("://",), r"://[^/\s:@\"'<>]{0,128}:([^/\s\"'<>]{1,128})@"),
        # postgres://phonesystem:a/x9@127.0.0.1: no port, then
        (("://",), r"://[^/\s:@\"'<>]{1,128}:(?!\d{0,5}[/?#])([^\s\"'<>@]{1,128})@"),
        (("sip:", "sips:"), r"\bsips?:[^\s:@;<>\"]{1,128}:([^\s@;<>\"]{1,128})@"),
        # https://pbx.example.com/provisioning/w8f2qn6yk1/805ec00000e7.cfg   https://pbx/sbc/KEY: the folder is the credential
        (("/provis", "/sbc/"), r"/(?:provisioning|sbc)/([\w-]{4,200})(?![\w.-])"),
        (("private key",), r"-----begin [a-z ]{0,40}private key(?: block)?-----(.{1,8192}?)(?:-----end|$)"),
        # licence key K7QT-93XD-ZP4M-2HVB   SRTP master key 9f3c…
        (("key",), r"\b(?:licen[sc]e|activation|product|srtp|crypto|master|api|private|encryption|session|shared|access)[ _-]?key[\"']?[ \t]{0,4}(?:is|was|=|:)?[ \t]{0,4}[\"'{]?((?=[^\s\"',;}]{0,64}\d)[^\s\"',;}]{4,512})"),
        (("key=",), r"(?<![\w.-])key=((?=[^\s,;&]{0,64}\d)(?=[^\s,;&]{0,64}[a-z])[\w+/=.-]{8,512})"),
        (("$",), r"(\$(?:1|2[abxy]|5|6|y|apr1)\$[./\w$=,-]{8,512})"),
        (("username",), r"""\bauthusername\s{0,4}[:=]\s{0,4}["']?([^\s"',;]{1,200})"""),
        # the password is x9   password "x"   password changed from "x" to "y"   --password x   -u name:x
        (("pass", "secret", "pin "), r"""\b(?:password|passwort|passphrase|secret|pin)(?:[ \t]{1,4}(?:changed|set|reset|was|is|to|from|value|updated|old|new|with|code)){0,4}[ \t]{1,4}["']([^"'\r\n]{1,200})["']"""),
        (("pass", "secret", "pin "), r"""\b(?:password|passwort|passphrase|secret|pin)\b[^"'\r\n]{0,40}["'][^"'\r\n]{1,200}["'][ \t]{1,4}(?:to|->|=>)[ \t]{1,4}["']([^"'\r\n]{1,200})["']"""),
        (("passw",), r"""\b(?:password|passwort)(?:[ \t:]{1,4}(?:changed|set|reset|was|is|to|from|hash|=)){0,4}[ \t:]{1,4}((?=[^\s"',;]{0,64}\d)(?=[^\s"',;]{0,64}[a-z])[^\s"',;]{4,200})"""),
        (("passw",), r"""\bpassword\b[^"'\r\n]{0,40}[ \t](?:->|=>)[ \t]{1,4}([^\s"',;]{2,200})"""),
        (("pass",), r"(?<!\S)--?(?:password|passwd|passphrase|pass)[ \t]{1,4}([^\s-][^\s]{0,200})"),
        (("-u ", "--user", "--proxy-user"), r"(?<!\S)(?:-u|--user|--proxy-user)[ \t=]{1,4}[^\s:]{1,80}:([^\s]{1,200})"),
        (("sshpass",), r"\bsshpass[ \t]{1,4}-p[ \t]{0,4}(\S{1,200})"),
        (("auth ",), r"\bauth[ \t]{1,4}(?:plain|login)[ \t]{1,4}((?=[\w+/]{0,200}[\d=])[\w+/=]{8,4096})"),
        (("auth",), r"""\bauth(?:entication)?[ _-]id["']?\s{0,4}[:=]\s{0,4}["']?([^\s"',;]{1,200})"""),
        # ?code=4/0AX…&state=   &sig=…   SAMLResponse=…   what browsers are sent back and forth with
        (("code=",), r"[?&]code=([\w%~/+.-]{10,2048})"),
        (("sig=", "signature="), r"[?&](?:sig|signature|x-amz-signature)=([\w%+/=.-]{10,2048})"),
        (("assertion=", "samlresponse="), r"\b(?:(?:client_)?assertion|samlresponse)=([\w%+/=.-]{8,65536})"),
        # tokens that say themselves what they are
        (_KNOWN_TOKENS, r"(?<!\w)((?:gh[opusr]_|xox[abopsr]-|sk_(?:live|test)_|aiza|akia|ya29\.|glpat-)[\w.-]{10,2048})"),
        (("scram-sha",), r"\bscram-sha-\d{1,4}\$\d{1,9}:([^\s,;\"']{4,512})"),
        (("{sha", "{ssha"), r"\{s?sha\d{0,3}\}([\w+/=$.-]{8,512})"),
        # token "x9…"   the access token is x9…
        (("token",), r"""\btoken(?:[ \t]{1,4}(?:is|was)){0,2}[ \t]{1,4}["']?((?=[^\s"',;]{0,64}\d)(?=[^\s"',;]{0,64}[a-z])[\w.~+/=-]{12,4096})"""),
        # password for 105: x9   Changed password of user 105 to x9   requirepass x9   Das Passwort lautet x9
        (("pass", "pwd", "pw "), rf"""\b(?:password|passwort|passwd|requirepass|pwd|bindpw|bindpassword){_SPOKEN}[ \t:]{{1,4}}["']?((?=[^\s"',;&]{{0,64}}\d)(?=[^\s"',;&]{{0,64}}[a-z])[^\s"',;&]{{6,200}})"""),
        (("pin ",), rf"\bpin{_SPOKEN}[ \t]{{1,4}}(?:is|was|to|from|=|:)[ \t]{{1,4}}(\d[^\s\"',;]{{2,63}})"),
        # with PIN 4711   voicemail pin code 4711
        (("pin ",), r"(?:\b|(?<=vm))pin(?:[ \t]{1,4}(?:code|number))?[ \t]{1,4}(\d{4,12})(?![\w.:]*\w)"),
        (("pin ",), rf"\bpin{_SPOKEN}?[ \t]{{1,4}}(?:is|was|to|from|=|:)[ \t]{{1,4}}(\d[^\s\"',;]{{2,63}})"),
        (("pass", "pin "), r"""\b(?:password|passwort|pin)\b[^"'\r\n]{0,40}[ \t]from[ \t]{1,4}\S{1,64}[ \t]{1,4}to[ \t]{1,4}([^\s"',;]{3,200})"""),
        (("md5",), r"(?<!\w)(md5[0-9a-f]{32})(?!\w)"),
        # Κωδικός πρόσβασης: x   parola d'ordine: x   clave de acceso: x
        (("κωδικ", "parola", "clave", "chiave"), r"""(?<!\w)(?:κωδικ(?:ός|ό|ού) πρόσβασης|parola d'ordine|(?:clave|chiave) d['e] ?acces+o)["']?\s{0,4}[:=]\s{0,4}["']?([^\s"',;]{2,200})"""),
        (("κωδικ", "clave", "chiave"), r"""(?<!\w)(?:κωδικός|clave|chiave)["']?\s{0,4}[:=]\s{0,4}["']?((?=[^\s"',;]{0,64}\d)(?=[^\s"',;]{0,64}[^\W\d])[^\s"',;]{6,200})"""),
    )
)  # fmt: skip

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

_FORMS: Final = frozenset({"number", "code", "value", "ext", "local", "url", "uri", "text", "data", "hash"})
"""Last words of names that say in which form a secret stands there: ``ProvisioningLinkExt``, ``WebhookUrl``."""

_NAME_WORDS = pattern(r"[A-Z]{2,}(?![a-z])|[A-Z]?[^\W\dA-Z_]+|[A-Z]|\d+")


def secret_spans(text: str) -> list[Span]:
    """Where secrets stand in the text: their begin and end, in order, without overlap."""
    lowered = text.lower()
    spans: list[Span] = []
    if _worth_a_look(lowered):
        spans.extend(_by_name(text, lowered))
        for needles, shape in _SHAPES:
            if any(needle in lowered for needle in needles):
                spans.extend(match.span(1) for match in shape.finditer(text))
    if _may_hold_licence(text, lowered):
        spans.extend(match.span(1) for match in _LICENCE.finditer(text))
    return merged(span for span in spans if not masked(text[slice(*span)]) and "‹" not in text[slice(*span)])


def suspects(texts: Sequence[str]) -> list[str]:
    """Those of many texts that are worth a look by themselves; in all others `secret_spans` finds nothing."""
    lowered = [text.lower() for text in texts]
    found = containing(lowered, (*_WORDS, *_FOREIGN_WORDS))
    dashed = [n for n, text in enumerate(texts) if text.count("-") >= 3]
    found.update(n for n in dashed if _may_hold_licence(texts[n], lowered[n]))
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
    for word in _WORDS:  # a plain loop: this is asked for every record of every log
        if word in lowered:
            return True
    return not lowered.isascii() and any(word in lowered for word in _FOREIGN_WORDS)


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


@lru_cache(maxsize=4096)
def _holds_secret(name: str) -> bool:
    """Whether the name says that a secret stands behind it, and not something about one (``PasswordLength``, ``KeyExchange``)."""
    name = name.rstrip(".-")
    words = _NAME_WORDS.findall(name)
    if not words or words[-1].lower() in _ABOUT_KEYS:
        return False
    if is_certain(name):
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
