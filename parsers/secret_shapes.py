"""Secrets that are known by their shape, and the words without which a text holds no secret that is known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from parsers.config.secret_keys import PHONE_PARAMETERS
from parsers.lazy import pattern
from parsers.secret_coded import KEY_WORDS
from parsers.secret_commands import contains

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
_ALL_WORDS: Final = (
    "pass", "auth", "key", "secret", "token", "pw", "pin", "link", "://", "sip:", "sips:", "response", "nonce", "licen", "inline:",
    "credential", "webhook", "sipid", "variablechoices", "provisioning/", "provisionurl", "/sbc/", "opaque", "k=", "ice-", "mikey", "cookie", "eyj", "hash",
    "ha1", "$", "certificate", "-u ", "basic", "bearer", "wort", "senha",
    "--user", "code=", "sig=", "signature=", "assertion", "samlresponse", "psk", "clave", "chiave", "parola", "{sha", "{ssha", "md5",
    "contrasena", "pswd", "community", "com2sec", "sink", "sessid", "sess=", "session=", "sessionid", "session_id=", "sid=", "csrf", "xsrf",
    "jwt", "otp", "chpasswd", "login", "logon", "zugang",
    "woord", "heslo", "salasana", "adgangskode", "lozinka", *sorted(PHONE_PARAMETERS),
    *KEY_WORDS, *_KNOWN_TOKENS,
)  # fmt: skip
WORDS: Final = tuple(
    word for word in dict.fromkeys(_ALL_WORDS) if not any(other in word for other in _ALL_WORDS if other != word)
)
FOREIGN_WORDS: Final = ("contrase", "парол", "κωδικ", "hasło", "şifre", "jelszó", "lösenord")
"""Text without any of these words (in lower case), without a command and its options, without escapes, without the shape of a licence key and of a key's line holds
no secret that is known here.
"""

_SPOKEN: Final = (
    r"(?:'s)?(?:[ \t]{1,4}[(\[]?(?:for|of|user|extension|account|trunk|changed|set|reset|was|is|to|from|new|lautet|ist|est|es|ext\.?|my|our|the"
    r"|für|von|der|des|nebenstelle|benutzer|de|del|do|da|du|la|le|el|pour|poste|para|ramal|extensi[oó]n|usuario|per|di|dell?a?|interno|utente|voor|toestel"
    r"|\d{1,11})[)\]]?){0,6}"
)

SHAPES: Final[tuple[tuple[tuple[str, ...], re.Pattern[str]], ...]] = tuple(
    (needles, pattern(text, re.IGNORECASE | re.DOTALL))
    for needles, text in (
        # Authorization: Digest username="231", …, nonce="n1", response="5f2ab3…"
        (("nonce", "opaque", "rspauth"), r"""\b(?:(?:c|next)?nonce|opaque|rspauth)\s{0,8}=(?:\s|\\[rnt]){0,12}\\{0,4}["']?([^"',;\s<>&\\]{1,512})"""),
        (("response",), r"""\bresponse\s{0,8}=(?:\s|\\[rnt]){0,12}\\{0,4}["']([^"'\\\s]{1,512})"""),
        (("response",), r"""\bresponse\s{0,8}=\s{0,8}((?=[^\s,;&]{0,64}\d)(?=[^\s,;&]{0,64}[a-z])[^"',;\s<>&\\]{8,512})"""),
        (("authorization",), r"""authorization["']?\s{0,8}[:=]\s{0,8}["']?(?!digest)(?:[a-z][\w-]{1,20}\s{1,8})([^\s,;"'<>]{6,4096})"""),
        (("authorization",), r"""authorization["']?\s{0,8}[:=]\s{0,8}["']?((?=[^\s,;"'<>]{0,64}\d)[^\s,;"'<>]{8,4096})"""),
        (("bearer",), r"\bbearer(?:[ \t]|%20|\+){1,4}((?=[a-z._~+/=-]{0,200}\d|[\w.~+/=-]{16})[\w.~+/=-]{8,4096})"),
        # base64 has no hyphen: basic Yealink-T53W
        (("basic",), r"\bbasic(?:[ \t]|%20|\+){1,4}((?=[a-z+/]{0,200}[\d=])(?-i:(?=[^\s]{0,200}[A-Z])(?=[^\s]{0,200}[a-z]))[\w+/]{8,4096}={0,2})(?![\w.-])"),
        (("cookie",), r"\bcookies?(?: pair)?\\{0,4}[\"']?\s{0,4}:\s{0,4}(?:\[\s{0,4})?\\{0,4}[\"']?(?=[\w.-]{1,80}=)([^\r\n]{1,4096})"),
        # refreshtoken_cookie=x   /webclient?sid=x   ;jsessionid=x   with a digit and a letter, ten characters and more
        (("cookie=", "cookie ", 'cookie"'), r"""cookie["']?[ \t]{0,4}(?:=[ \t]{0,4}["']?|[ \t][\w.-]{1,60}=)(?!0x)((?=[^\s;,"']{0,64}\d)(?=[^\s;,"']{0,64}[g-z])[^\s;,"']{10,4096})"""),
        (("sess", "sid="), r"""(?:\A|[\n?&;])[ \t]{0,2}(?:[\w.-]{0,20}(?:session_?id|sessid|sess)|session|sid)=((?=[^\s;,&"']{0,64}\d)(?=[^\s;,&"']{0,64}[a-z])[^\s;,&"'<>]{10,4096})"""),
        # JSON Web Tokens, also cut: {"… in base64, and one of the first keys of their heads
        (("eyj",), r"(?<![\w-])((?-i:eyJ)[\w-]{8,4096}\.[\w-]{8,4096}(?:\.[\w-]{0,4096})?)"),
        (("eyj",), r"(?<![\w-])((?-i:eyJ(?:hbGci|0eXAi|raWQi|4NXQi|lbmMi))[\w-]{6,4096}(?:\.[\w-]{0,4096}){0,4})"),
        # a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:Wm9v…   (RFC 4568), key exchange and ICE of SDP
        (("inline:",), r"\binline:\s{0,8}([\w+/=|:-]{8,512})"),
        (("mikey",), r"\bmikey\s{1,4}([\w+/=]{4,8192})"),
        (("ice-",), r"\ba=ice-(?:pwd|ufrag):([^\s]{2,512})"),
        (("k=",), r"(?<!\w)k=(?:clear|base64|uri):([^\s]{2,512})"),
        # https://admin:x@pbx.example.com/   sip:105:x@pbx.example.com
        (("://",), r"://[^/\s:@\"'<>]{0,128}:([^/\s\"'<>]{1,128})@"),
        # postgres://phonesystem:a/x9@127.0.0.1: no port, then
        (("://",), r"://[^/\s:@\"'<>]{1,128}:(?!\d{0,5}[/?#])([^\s\"'<>@]{1,128})@"),
        (("sip:", "sips:"), r"\bsips?:[^\s:@<>\"]{1,128}:([^\s@;<>\"]{1,128})@"),
        # https://TOKEN@git.example.com/
        (("://",), r"://((?=[\w-]{0,64}\d)(?=[\w-]{0,64}[a-z])[\w-]{16,200})(?::[^\s@/]{0,128})?@"),
        # https://pbx.example.com/provisioning/w8f2qn6yk1/805ec00000e7.cfg   https://pbx/sbc/KEY: the folder is the credential
        (("/provis", "/sbc/"), r"/(?:provisioning|sbc)/([\w-]{4,200})(?![\w.-])"),
        # licence key K7QT-93XD-ZP4M-2HVB   SRTP master key 9f3c…
        (("key",), r"\b(?:licen[sc]e|activation|product|srtp|crypto|master|api|private|encryption|session|shared|access)[ _-]?key[\"']?[ \t]{0,4}(?:is|was|=|:)?[ \t]{0,4}[\"'{]?((?=[^\s\"',;}]{0,64}\d)[^\s\"',;}]{4,512})"),
        (("key=",), r"(?<![\w.-])key=((?=[^\s,;&]{0,64}\d)(?=[^\s,;&]{0,64}[a-z])[\w+/=.-]{8,512})"),
        (("$",), r"(\$(?:1|2[abxy]|5|6|y|apr1)\$[./\w$=,-]{8,512})"),
        (("nonce", "response"), r"""\b(?:c?nonce|response)["']?\s{0,4}:\s{0,4}["']?([0-9a-f]{32})(?![0-9a-f])"""),
        (('nonce"',), r"""\bc?nonce"\s{0,4}:\s{0,4}"([^"\r\n]{1,512})\""""),
        (("username",), r"""\bauthusername\s{0,4}[:=]\s{0,4}["']?([^\s"',;]{1,200})"""),
        # the password is x9   password "x"   password changed from "x" to "y"   --password x   -u name:x
        (("pass", "secret", "pin "), r"""\b(?:password|passwort|passphrase|secret|pin)(?:[ \t]{1,4}(?:changed|set|reset|was|is|to|from|value|updated|old|new|with|code)){0,4}[ \t]{1,4}["']([^"'\r\n]{1,200})["']"""),
        (("pass", "secret", "pin "), r"""\b(?:password|passwort|passphrase|secret|pin)\b[^"'\r\n]{0,40}["'][^"'\r\n]{1,200}["'][ \t]{1,4}(?:to|->|=>)[ \t]{1,4}["']([^"'\r\n]{1,200})["']"""),
        (("passw",), r"""\b(?:password|passwort)(?:[ \t:]{1,4}(?:changed|set|reset|was|is|to|from|hash|=)){0,4}[ \t:]{1,4}((?=[^\s"',;]{0,64}\d)(?=[^\s"',;]{0,64}[a-z])[^\s"',;]{4,200})"""),
        (("passw",), r"""\bpassword\b[^"'\r\n]{0,40}[ \t](?:->|=>)[ \t]{1,4}([^\s"',;]{2,200})"""),
        (("pass",), r"(?<!\S)--?(?:password|passwd|passphrase|pass)[ \t]{1,4}([^\s-][^\s]{0,200})"),
        (("-u ", "--user", "--proxy-user"), r"""(?<!\S)(?:-u|--user|--proxy-user)[ \t=]{1,4}["']?[^\s:"']{1,80}:(?!\d{1,5}(?!\S))([^\s"']{1,200})"""),
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
        (("pass", "pwd", "pw ", "wort", "senha", "contrase", "woord", "hasło", "heslo"), rf"""\b(?:password|passwort|passwd|requirepass|pwd|bindpw|bindpassword|passcode|kennwort|senha|contrase[nñ]a|mot de passe|wachtwoord|hasło|heslo){_SPOKEN}[ \t:]{{1,4}}["']?((?=[^\s"',;&]{{0,64}}\d)(?=[^\s"',;&]{{0,64}}[a-z])[^\s"',;&]{{6,200}})"""),
        (("pin ",), rf"\bpin{_SPOKEN}[ \t]{{1,4}}(?:is|was|to|from|=|:)[ \t]{{1,4}}(\d[^\s\"',;]{{2,63}})"),
        # with PIN 4711   voicemail pin code 4711
        (("pin ",), r"(?:\b|(?<=vm))pin(?:[ \t]{1,4}(?:code|number))?[ \t]{1,4}(\d{4,12})(?![\w.:]*\w)"),
        # login: admin / x9   credentials admin/x9
        (("login", "logon", "credential", "zugang"), r"""\b(?:login|logon|credentials?|zugang(?:sdaten)?)(?:[ \t]{1,3}(?:is|are|with|data|for|as)){0,2}[ \t]{0,3}[:=]?[ \t]{1,3}["']?[\w.@+-]{2,80}["']?[ \t]{0,3}/[ \t]{0,3}["']?((?=[^\s"',;/]{0,64}\d)(?=[^\s"',;/]{0,64}[a-z])[^\s"',;/]{6,200})(?![/\w])"""),
        # enable secret 5 $1$…   username admin secret x9
        (("secret",), r"""\b(?:enable|username[ \t]\S{1,64})[ \t]{1,4}secret[ \t]{1,4}(?:\d[ \t]{1,4})?(\S{4,200})"""),
        # echo root:x9 | chpasswd
        (("chpasswd",), r"""\b[\w.-]{1,64}:([^\s"']{1,200})["']?[ \t]{0,4}\|[ \t]{0,4}(?:sudo[ \t]{1,4})?chpasswd"""),
        # wpa-psk x9
        (("psk",), r"\bpsk[ \t]{1,4}[\"']?((?=[^\s\"']{0,64}\d)[^\s\"',;]{8,64})"),
        # what opens SNMP: rocommunity x   com2sec name default x   snmp-server community x   SNMP community: x   community string is x
        (("community",), r"""\b(?:(?:ro|rw|trap)community6?|snmp-server[ \t]{1,4}community)[ \t]{1,8}["']?([^\s"',;]{2,64})"""),
        (("com2sec",), r"""\bcom2sec6?[ \t]{1,8}(?:-Cn[ \t]{1,4}\S{1,64}[ \t]{1,8})?\S{1,64}[ \t]{1,8}\S{1,64}[ \t]{1,8}["']?([^\s"',;]{2,64})"""),
        (("sink",), r"\b(?:trap2?sink|informsink)[ \t]{1,8}\S{1,128}[ \t]{1,8}([^\s\"',;]{2,64})"),
        (("community",), r"""\b(?:snmp[\w .-]{0,24}?community(?:[ _-](?:string|name))?|community[ _-](?:string|name))["']?[ \t]{0,4}(?:[:=]|\b(?:is|was|to)\b)[ \t]{0,4}["']?(?!(?:not|required|wrong|invalid|missing|empty|set|null|none)\b)([^\s"',;]{3,64})"""),
        # names of files and folders: backup-password-x9.zip
        (("pass", "pwd", "pw", "wort"), r"(?<![a-z])(?:password|passwort|kennwort|pwd|pw)[_-]((?=[^\W_]{0,64}\d)(?=[^\W_]{0,64}[a-z])(?!v?\d+(?:\D|$)|md5|sha\d)[^\W_]{6,64})(?![\w-])"),
        (("pin ",), rf"\bpin{_SPOKEN}?[ \t]{{1,4}}(?:is|was|to|from|=|:)[ \t]{{1,4}}(\d[^\s\"',;]{{2,63}})"),
        (("pass", "pin "), r"""\b(?:password|passwort|pin)\b[^"'\r\n]{0,40}[ \t]from[ \t]{1,4}\S{1,64}[ \t]{1,4}to[ \t]{1,4}([^\s"',;]{3,200})"""),
        (("md5",), r"(?<!\w)(md5[0-9a-f]{32})(?!\w)"),
        # Κωδικός πρόσβασης: x   parola d'ordine: x   clave de acceso: x
        (("κωδικ", "parola", "clave", "chiave"), r"""(?<!\w)(?:κωδικ(?:ός|ό|ού) πρόσβασης|parola d'ordine|(?:clave|chiave) d['e] ?acces+o)["']?\s{0,4}[:=]\s{0,4}["']?([^\s"',;]{2,200})"""),
        (("κωδικ", "clave", "chiave"), r"""(?<!\w)(?:κωδικός|clave|chiave)["']?\s{0,4}[:=]\s{0,4}["']?((?=[^\s"',;]{0,64}\d)(?=[^\s"',;]{0,64}[^\W\d])[^\s"',;]{6,200})"""),
    )
)  # fmt: skip


def shaped_spans(text: str, lowered: str) -> Iterator[tuple[int, int]]:
    """Where the shapes of secrets stand."""
    for needles, shape in SHAPES:
        if contains(lowered, needles):
            yield from (match.span(1) for match in shape.finditer(text))
