"""Which keys of configuration files hold secrets, and how their values are handed over."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from parsers import lazy
from parsers.api import Sink
from parsers.config.values import masked

_WORDS = lazy.pattern(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+|[A-Z]|\d+")
_SECRET_WORDS = frozenset(
    [
        "password",
        "passwd",
        "pass",
        "pwd",
        "pswd",
        "pw",
        "secret",
        "token",
        "key",
        "keys",
        "pin",
        "pins",
        "link",
        "credential",
        "credentials",
        "webhook",
        "otp",
        "psk",
        "assertion",
    ]
)
_CERTAIN_WORDS = frozenset(["pwd", "pswd", "passphrase", "passe", "kennwort", "senha", "credential", "credentials"])
_CERTAIN_PARTS = (
    "passw", "secret", "passcode", "contraseña", "contrasena", "парол", "wachtwoord", "hasło", "heslo", "şifre", "jelszó", "salasana",
    "lösenord", "adgangskode", "lozinka",
)  # fmt: skip
_CERTAIN_ENDS = ("apikey", "authkey", "accesskey", "privatekey", "licensekey", "licencekey", "authtoken", "accesstoken")
_SECRET_NAMES = frozenset(
    # names without such a word, as in the API description, backups, setupconfig.xml, databases and phone configurations
    [
        "authid",
        "separateauthid",
        "sipid",
        "authenticationid",
        "certificate",
        "sbccertificate",
        "clientcertificate",
        "cacertificate",
        "variablechoices",
        "provlink",
        "provisionurl",
        "webserverpass",
        "vmpin",
        "services_access_hash",
        "quickmeeting_openlink",
        "adminusername",
        "authname",
        "auth_name",
        "accesshash",
        "serviceaccesshash",
        "ha1",
        "wmauth",
    ]
)
PHONE_PARAMETERS = frozenset({"p2", "p34", "p196", "p406", "p506", "p606", "p734", "p1706", "p1806"})
"""Numbers under which Grandstream and Htek keep passwords: of the administrator, of the user, of the SIP accounts."""
_PUBLIC_NAMES = frozenset(
    # they hold one of the words, but a number or a choice
    ["pinprotected", "pinprotecttimeout", "vmdisablepinauth", "enablepin", "key", "certificatekeypasswordrequest"]
)


SECRET_LIMIT = 8192
"""Characters of a value that is worth searching for; longer ones (a certificate bundle) never stand in a row."""
SCALAR_LIMIT = 100_000
"""Scalars of one secret value that are looked at."""
OBJECT_LIMIT = 1_000_000
"""Objects and lists of one value that are searched."""


@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Whether values under this key are never to be shown: passwords, keys, PINs, provisioning links, SIP credentials."""
    lowered = name.lower()
    if lowered in _PUBLIC_NAMES or len(name) > 200:
        return len(name) > 200
    return (
        is_certain(name)
        or lowered.endswith("key")
        or any(word.lower() in _SECRET_WORDS for word in _WORDS.findall(name))
    )


@lru_cache(maxsize=4096)
def is_certain(name: str) -> bool:
    """Whether the key holds a secret whatever its value looks like: ``AuthPassword``, ``ClientSecret``, ``AuthID``."""
    lowered = name.lower()
    if lowered in _PUBLIC_NAMES:
        return False
    return (
        lowered.rpartition(".")[2] in _SECRET_NAMES
        or any(part in lowered for part in _CERTAIN_PARTS)
        or lowered.replace("_", "").replace("-", "").endswith(_CERTAIN_ENDS)
        or (lowered.endswith("pass") and lowered not in ("pass", "bypass", "compass"))
        or any(word.lower() in _CERTAIN_WORDS for word in _WORDS.findall(name))
    )


def scalars(value: Any) -> Iterator[Any]:  # noqa: ANN401 - decoded JSON
    """All scalars inside a decoded value, without recursion, at most so many as `SCALAR_LIMIT`."""
    stack = [value]
    for _ in range(SCALAR_LIMIT):
        if not stack:
            return
        top = stack.pop()
        if isinstance(top, dict):
            stack.extend(top.values())
        elif isinstance(top, list):
            stack.extend(top)
        else:
            yield top


def conceal(value: Any, out: Sink) -> None:  # noqa: ANN401 - decoded JSON
    """Hand over everything inside the value of a secret key."""
    found = (str(v) for v in scalars(value) if isinstance(v, (str, int)) and v.__class__ is not bool)
    out.secret(v for v in found if len(v) <= SECRET_LIMIT and not masked(v))


def harvest(value: Any, out: Sink) -> None:  # noqa: ANN401 - decoded JSON
    """Hand over the values of all secret keys anywhere inside a decoded value, without recursion."""
    stack = [value]
    for _ in range(OBJECT_LIMIT):
        if not stack:
            return
        top = stack.pop()
        if isinstance(top, dict):
            for name, inner in top.items():
                if is_secret(name):
                    conceal(inner, out)
                elif isinstance(inner, (dict, list)):
                    stack.append(inner)
        else:
            stack.extend(inner for inner in top if isinstance(inner, (dict, list)))


_PAIR = lazy.pattern(
    r'["\']?([A-Za-z_][\w.]{0,60})["\']?\s{0,8}[:=]\s{0,8}(?:"([^"\r\n]{1,400})"|([^\s,;<>"{}\[\]]{1,400}))'
)


def harvest_text(content: str, out: Sink) -> None:
    """Hand over what stands behind secret keys in free text: ``AuthPassword: "x"``, ``Password = x``."""
    for match in _PAIR.finditer(content):
        if is_secret(match[1]):
            conceal(match[2] or match[3], out)
