"""Comparing 3CX builds: numbers, part by part (20.0.10 is newer than 20.0.9)."""

from __future__ import annotations

from parsers import lazy

_VERSION = lazy.pattern(r"\s{0,8}[vV]?(\d{1,9}(?:\.\d{1,9}){0,4})(?:\s{0,4}\(\d{1,9}\))?\s{0,8}")
_CONDITION = lazy.pattern(r"(<=|>=|==|<|>)\s?(\d[\d.]{0,50})")

Version = tuple[int, ...]


def parse(text: str | None) -> Version | None:
    """The parts of a version (``20.0.9.995``, ``V20``, ``20.0.9.995 (995)``), null for anything else (masked, words)."""
    found = _VERSION.fullmatch(text) if text and len(text) < 100 else None
    return tuple(int(part) for part in found[1].split(".")) if found else None


def compare(left: Version, right: Version) -> int | None:
    """-1, 0 or 1; null where the shorter one is the beginning of the longer one, which leaves the answer open."""
    shared = min(len(left), len(right))
    if left[:shared] != right[:shared]:
        return -1 if left < right else 1
    return 0 if len(left) == len(right) else None


def within(version: Version, text: str) -> bool | None:
    """Whether a version lies in a range such as ``>=20,<20.0.0.1494``; null where it is given too short to tell.

    A bound with fewer parts stands for all builds that begin with it: 18.0.2.1 lies in ``<18.0.3`` and 18.0.3.1 does not.
    Raises ValueError for a text that is no range.
    """
    answer: bool | None = True
    for part in text.split(","):
        found = _CONDITION.fullmatch(part.strip())
        bound = parse(found[2]) if found else None
        if found is None or bound is None:
            raise ValueError(f"not a range of versions: {text!r}")
        holds = _holds(version, found[1], bound)
        if holds is False:
            return False
        if holds is None:
            answer = None
    return answer


def _holds(version: Version, sign: str, bound: Version) -> bool | None:
    order = compare(version[: len(bound)], bound)
    if order is None:  # the version is shorter than the bound
        return None
    return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0, "==": order == 0}[sign]
