"""From an RE2 expression over a record's text to a byte expression that its raw lines must hold.

The result is a superset on purpose: text is decoded, lines lose their CR and records their prefix, so a byte expression
must let every character beyond ASCII be one to four bytes, a line end have a CR, and anchors go. What it finds is judged
again by the rule itself.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

_parser: Any = importlib.import_module("re._parser")
_NEWLINE, _RETURN = 10, 13
_WHITESPACE = frozenset(b"\t\n\f\r ")
_DIGITS = frozenset(range(48, 58))
_WORD = _DIGITS | frozenset(range(65, 91)) | frozenset(range(97, 123)) | {95}
_ASCII = frozenset(range(128))
_CATEGORIES = {
    "CATEGORY_DIGIT": (_DIGITS, False),
    "CATEGORY_NOT_DIGIT": (_ASCII - _DIGITS, True),
    "CATEGORY_SPACE": (_WHITESPACE, False),
    "CATEGORY_NOT_SPACE": (_ASCII - _WHITESPACE, True),
    "CATEGORY_WORD": (_WORD, False),
    "CATEGORY_NOT_WORD": (_ASCII - _WORD, True),
}
_MAX_BYTES = 4
"""Bytes of one character in UTF-8."""


class UnsupportedError(ValueError):
    """The expression cannot be searched for in raw lines; the text says why."""


class Necessary(Struct, frozen=True):
    """A byte expression and the longest run of fixed characters in it, in lower case."""

    expression: str
    caseless: bool
    fixed: str

    @property
    def strength(self) -> int:
        """Length of the fixed run."""
        return len(self.fixed)


class _Chars(Struct, frozen=True):
    """One character out of a set; ``wide`` when characters beyond ASCII belong to it."""

    ascii: frozenset[int]
    wide: bool

    @property
    def several_bytes(self) -> bool:
        return self.wide or _NEWLINE in self.ascii

    @property
    def fixed(self) -> bool:
        return len(self.ascii) == 1 and not self.several_bytes

    def expression(self) -> str:
        if self.fixed:
            return f"\\x{next(iter(self.ascii)):02x}"
        codes = self.ascii | ({_RETURN} if _NEWLINE in self.ascii else set())
        body = "".join(f"\\x{a:02x}" if a == b else f"\\x{a:02x}-\\x{b:02x}" for a, b in _ranges(sorted(codes)))
        beyond = "\\x80-\\xff" if self.wide else ""
        return f"[{body}{beyond}]"


class _Repeat(Struct, frozen=True):
    part: _Sequence
    least: int
    most: int | None

    @property
    def single(self) -> _Chars | None:
        """The set that is repeated, where it is just one."""
        only = self.part.items[0] if len(self.part.items) == 1 else None
        return only if isinstance(only, _Chars) else None

    @property
    def gap(self) -> bool:
        """Whether it may run over any number of lines: what stands on both sides is then looked for apart."""
        chars = self.single
        return self.most is None and chars is not None and _NEWLINE in chars.ascii and not chars.ascii <= _WHITESPACE


class _Branch(Struct, frozen=True):
    parts: tuple[_Sequence, ...]


class _Sequence(Struct, frozen=True):
    items: tuple[_Item, ...]


_Item = _Chars | _Repeat | _Branch | _Sequence


def necessary(pattern: str, flags: str = "") -> Necessary:
    """What every text that ``pattern`` matches must hold. Raises `UnsupportedError` where nothing fixed is in it."""
    try:
        tree = _parser.parse(_python(pattern), _flags(flags))
    except (re.error, OverflowError, RecursionError) as error:
        raise UnsupportedError(f"the expression cannot be read: {error}") from error
    whole = _flat(_sequence(tree, bool(tree.state.flags & re.IGNORECASE), bool(tree.state.flags & re.DOTALL)))
    best = max((_trimmed(part) for part in _segments(whole)), key=lambda part: len(_fixed(part)))
    fixed = _fixed(best)
    if not fixed:
        raise UnsupportedError("no fixed text is in the expression")
    # letters of both cases are spelled out as sets where case does not matter
    return Necessary(_expression(best), caseless=False, fixed=fixed)


def literal(text: str, *, cased: bool) -> Necessary:
    """The longest run of plain ASCII in a text. Raises `UnsupportedError` where there is none."""
    run = max(re.findall(r"[\x20-\x7e\t]+", text), key=len, default="")
    if not run:
        raise UnsupportedError("no ASCII text is in the value")
    return Necessary("".join(f"\\x{ord(char):02x}" for char in run), caseless=not cased, fixed=run.lower())


def _python(pattern: str) -> str:
    """RE2's end of text, spelled as Python does."""
    return re.sub(r"(\\\\)|\\z", lambda found: found[1] or r"\Z", pattern)


def _flags(flags: str) -> int:
    value = re.RegexFlag(0)
    for name, flag in (("i", re.IGNORECASE), ("m", re.MULTILINE), ("s", re.DOTALL)):
        if name in flags:
            value |= flag
    return int(value)


def _ranges(codes: list[int]) -> Iterator[tuple[int, int]]:
    start = last = codes[0] if codes else 0
    for code in codes[1:]:
        if code != last + 1:
            yield start, last
            start = code
        last = code
    if codes:
        yield start, last


def _sequence(tree: Any, caseless: bool, dotall: bool) -> _Sequence:  # noqa: ANN401, FBT001 - Python's own parse tree
    items: list[_Item] = []
    for op, value in tree:
        name = str(op)
        if name == "AT":
            continue
        if name in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            items.append(_chars(name, value, caseless, dotall))
        elif name in ("MAX_REPEAT", "MIN_REPEAT"):
            least, most, part = value
            items.append(_Repeat(_sequence(part, caseless, dotall), int(least), None if most is _parser.MAXREPEAT else int(most)))  # fmt: skip
        elif name == "BRANCH":
            items.append(_Branch(tuple(_sequence(part, caseless, dotall) for part in value[1])))
        elif name == "SUBPATTERN":
            _, add, remove, part = value
            inner = (bool(add & re.IGNORECASE) or caseless) and not remove & re.IGNORECASE
            items.append(_sequence(part, inner, (bool(add & re.DOTALL) or dotall) and not remove & re.DOTALL))
        else:
            raise UnsupportedError(f"{name.lower()} is not known in a pattern of a log")
    return _Sequence(tuple(items))


def _chars(name: str, value: Any, caseless: bool, dotall: bool) -> _Chars:  # noqa: ANN401, FBT001 - Python's own parse tree
    if name == "ANY":
        return _Chars(_ASCII if dotall else _ASCII - {_NEWLINE}, wide=True)
    entries = value if name == "IN" else [("LITERAL", value)]
    negate = name == "NOT_LITERAL"
    codes: set[int] = set()
    wide = False
    for op, entry in entries:
        kind = str(op)
        if kind == "NEGATE":
            negate = True
        elif kind == "CATEGORY":
            ascii_part, wide_part = _CATEGORIES[str(entry)]
            codes |= ascii_part
            wide |= wide_part
        else:
            low, high = (entry, entry) if kind == "LITERAL" else entry
            codes.update(range(low, min(high, 127) + 1))
            wide |= high > 127
    if caseless:
        codes |= {code ^ 32 for code in codes if chr(code).isalpha()}
    if negate:
        return _Chars(_ASCII - codes, wide=True)
    return _Chars(frozenset(codes), wide=wide)


def _flat(sequence: _Sequence) -> _Sequence:
    items: list[_Item] = []
    for item in sequence.items:
        items.extend(_flat(item).items if isinstance(item, _Sequence) else (item,))
    return _Sequence(tuple(items))


def _segments(sequence: _Sequence) -> Iterator[_Sequence]:
    current: list[_Item] = []
    for item in sequence.items:
        if isinstance(item, _Repeat) and item.gap:
            yield _Sequence(tuple(current))
            current = []
        else:
            current.append(item)
    yield _Sequence(tuple(current))


def _trimmed(sequence: _Sequence) -> _Sequence:
    """Without what need not be there at both ends: open repeats would report every one of their ends."""
    items = list(sequence.items)
    for end in (0, -1):
        while items:
            item = items[end]
            if isinstance(item, _Repeat) and item.least == 0:
                del items[end]
                continue
            if isinstance(item, _Repeat):
                items[end] = _Repeat(item.part, item.least, item.least)
            break
    return _Sequence(tuple(items))


def _fixed(item: _Item) -> str:
    """The longest run of fixed characters that must be there; a letter in both cases is fixed as well."""
    if isinstance(item, _Chars):
        return _letter(item)
    if isinstance(item, _Branch):
        return min((_fixed(part) for part in item.parts), key=len, default="")
    if isinstance(item, _Repeat):
        return _fixed(item.part) if item.least else ""
    best = run = ""
    for part in _flat(item).items:
        letter = _letter(part) if isinstance(part, _Chars) else ""
        run = run + letter if letter else ""
        best = max(best, run, _fixed(part), key=len)
    return best


def _letter(chars: _Chars) -> str:
    """The one character of a set in lower case, empty where there are several."""
    letters = {chr(code).lower() for code in chars.ascii}
    return letters.pop() if len(letters) == 1 and not chars.several_bytes else ""


def _expression(item: _Item) -> str:
    if isinstance(item, _Chars):
        return item.expression() + (f"{{1,{_MAX_BYTES}}}" if item.several_bytes else "")
    if isinstance(item, _Branch):
        return f"(?:{'|'.join(_expression(part) for part in item.parts)})"
    if isinstance(item, _Sequence):
        return "".join(_expression(part) for part in item.items)
    chars = item.single
    wide = _MAX_BYTES if chars is not None and chars.several_bytes else 1
    part = chars.expression() if chars is not None else f"(?:{_expression(item.part)})"
    most = "" if item.most is None else str(item.most * wide)
    return f"{part}{{{item.least},{most}}}"
