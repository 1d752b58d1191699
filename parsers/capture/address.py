"""Addresses as text, and which of them are private."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

_QUAD = re.compile(r"(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})", re.ASCII)
_PRIVATE = tuple(
    ipaddress.ip_network(text)
    for text in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8",
        "fc00::/7", "fe80::/10",
    )
)  # fmt: skip
_UNROUTABLE = tuple(ipaddress.ip_network(text) for text in ("224.0.0.0/4", "0.0.0.0/8", "ff00::/8", "::/127"))


@lru_cache(maxsize=16_384)
def join(host: str, port: int | None) -> str:
    """``10.0.0.1:5060``, ``[2001:db8::1]:5060``; a bare host where there is no port."""
    if not port:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@lru_cache(maxsize=16_384)
def split(address: str) -> tuple[str, int | None]:
    """The host and the port of `join`'s text."""
    if address.startswith("["):
        host, _, port = address[1:].partition("]")
        port = port.lstrip(":")
    elif address.count(":") == 1:
        host, _, port = address.partition(":")
    else:
        host, port = address, ""
    return host, int(port) if port.isascii() and port.isdigit() and len(port) <= 5 else None


@lru_cache(maxsize=16_384)
def host_of(address: str | None) -> str | None:
    """The host of ``10.0.0.1:5060``; null stays null."""
    return split(address)[0] if address else None


@lru_cache(maxsize=16_384)
def canonical(host: str) -> str | None:
    """An IP address in its shortest form (``[2001:DB8:0::1]`` → ``2001:db8::1``); null when it is a name.

    Without a zone (``fe80::1%eth0``, RFC 4007 section 11), and ``::ffff:192.0.2.1``, which a socket of both versions writes for an
    IPv4 address, as that (RFC 4291 section 2.5.5.2).
    """
    if _quad(host) is not None:
        return host
    text, _, zone = host.strip("[]").partition("%")
    if len(text) > 45 or len(zone) > 20:
        return None
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


@lru_cache(maxsize=16_384)
def is_private(host: str) -> bool | None:
    """True for RFC 1918, RFC 6598, link-local, loopback and unique local addresses; null for names and for what cannot
    be a host's address (multicast, 0.0.0.0). The documentation ranges of RFC 5737 and 3849 count as public.
    """
    quad = _quad(host)
    if quad is not None:
        return _is_private_quad(quad[0], quad[1])
    text = canonical(host)
    if text is None:
        return None
    address = ipaddress.ip_address(text)
    if any(address in network for network in _UNROUTABLE if network.version == address.version):
        return None if text != "::1" else True
    return any(address in network for network in _PRIVATE if network.version == address.version)


def _quad(host: str) -> tuple[int, int, int, int] | None:
    """The four numbers of an IPv4 address as everybody writes it."""
    found = _QUAD.fullmatch(host)
    if found is None:
        return None
    a, b, c, d = map(int, found.groups())
    return (a, b, c, d) if a < 256 and b < 256 and c < 256 and d < 256 else None


def _is_private_quad(a: int, b: int) -> bool | None:
    if a == 0 or 224 <= a < 240:
        return None
    return (
        a in {10, 127}
        or (a == 172 and 16 <= b < 32)
        or (a == 192 and b == 168)
        or (a == 100 and 64 <= b < 128)
        or (a == 169 and b == 254)
    )
