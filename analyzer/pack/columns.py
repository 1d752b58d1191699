"""Rules over many rows at once: each column is read once for all rules, each test is asked once for each different value.

The verdicts are those of `analyzer.pack.match`, row by row; only the way to them is another. The rows on which a condition is
true are the binary digits of a number, the first row's digit leading, and so are those on which it is false: "and", "or" and
"not" are then one operation for all rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import count
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from analyzer.pack import ir
from analyzer.pack.evaluate import Hit, Outcome
from analyzer.pack.match import Verdict, compile_test, value_test
from parsers.facts.base import Row

_EXTRAS = ("derived", "fields")
_TRUE, _FALSE, _UNKNOWN = b"tf?"
_DIGITS: dict[Verdict, int] = {True: _TRUE, False: _FALSE, None: _UNKNOWN}
_WHERE_TRUE = bytes.maketrans(b"tf?", b"100")
_WHERE_FALSE = bytes.maketrans(b"tf?", b"010")
_CODES = 256
"""As many different values fit into a byte a row."""
_NUMBERS = frozenset({bool, int, float})
_READING = 4
"""So many rows of a column are read and told apart in the time in which one row is judged by itself."""


class Truth(NamedTuple):
    """The rows on which something is true and those on which it is false; on all others it cannot be decided."""

    true: int
    false: int


class Columns:
    """Rows of one class. ``fields`` are those that the rules to be judged look at."""

    def __init__(self, rows: Sequence[Row], fields: Iterable[str]) -> None:
        self.rows = rows
        self._kind = type(rows[0])
        self._all = (1 << len(rows)) - 1
        self._extras = [name for name in _EXTRAS if hasattr(self._kind, name)]
        self._entry_names = list(dict.fromkeys(fields))
        self._columns: dict[str, _Column] = {}
        self._leaves: dict[ir.Leaf, Truth] = {}

    def judge(self, rule: ir.Rule, condition: ir.Expr, outcome: Outcome) -> None:
        """Add the hits of a rule to its outcome, and what could not be decided."""
        true, false = self._truth(condition, self._all)
        outcome.hits += [Hit.of(rule, self.rows[place]) for place in self._places(true)]
        unknown = self._all & ~(true | false)
        if unknown:
            for _, fields, count in sorted(self._undecided(condition, unknown)):
                outcome.undecided[fields] += count

    def _undecided(self, condition: ir.Expr, unknown: int) -> Iterator[tuple[int, str, int]]:
        """The undecided rows on which the same leaves are unknown: the first of them, the leaves' fields, how many they are."""
        groups: list[tuple[int, tuple[str, ...]]] = [(unknown, ())]
        for leaf in dict.fromkeys(_leaves_of(condition)):
            true, false = self._leaf(leaf, unknown)
            decided = true | false
            groups = [
                (part, names)
                for group, fields in groups
                for part, names in ((group & ~decided, (*fields, leaf.field)), (group & decided, fields))
                if part
            ]
        for group, fields in groups:
            yield len(self.rows) - group.bit_length(), ", ".join(dict.fromkeys(fields)), group.bit_count()

    def _places(self, rows: int) -> Iterator[int]:
        digits = f"{rows:0{len(self.rows)}b}" if rows else ""
        place = digits.find("1")
        while place >= 0:
            yield place
            place = digits.find("1", place + 1)

    def _truth(self, expr: ir.Expr, among: int) -> Truth:
        """What an expression is on the rows ``among``; of all others it may say anything."""
        if isinstance(expr, ir.Not):
            true, false = self._truth(expr.part, among)
            return Truth(false, true)
        if not isinstance(expr, ir.All | ir.Any):
            return self._leaf(expr, among)
        every = isinstance(expr, ir.All)
        # rows that one part has settled (false for "and", true for "or"), and those on which all have said the opposite
        settled, held = 0, among
        for part in sorted(expr.parts, key=_is_dear):
            true, false = self._truth(part, among & ~settled)
            settled |= among & (false if every else true)
            held &= true if every else false
            if settled == among:
                break
        return Truth(held, settled) if every else Truth(settled, held)

    def _leaf(self, leaf: ir.Leaf, among: int) -> Truth:
        truth = self._leaves.get(leaf)
        if truth is None:
            if self._better_singly(leaf, among):
                return self._of_few(leaf, among)
            truth = self._leaves[leaf] = self._of_all(leaf)
        return truth

    def _better_singly(self, leaf: ir.Leaf, among: int) -> bool:
        column = self._columns.get(leaf.field)
        return (column is None or len(column.values) > _CODES) and among.bit_count() * _READING < len(self.rows)

    def _of_few(self, leaf: ir.Leaf, among: int) -> Truth:
        test = compile_test(leaf, self._kind)
        digits = bytearray((_UNKNOWN,)) * len(self.rows)
        for place in self._places(among):
            digits[place] = _DIGITS[test(self.rows[place])]
        return _truth_of(digits)

    def _of_all(self, leaf: ir.Leaf) -> Truth:
        if isinstance(leaf, ir.FieldRef):
            return self._of_few(leaf, self._all)
        column = self._columns.get(leaf.field)
        if column is None:
            column = self._columns[leaf.field] = _Column(self._read(leaf.field))
        test = value_test(leaf)
        digits = bytes([_DIGITS[test(value)] for value in column.values])
        if digits.count(digits[0]) == len(digits):
            return {_TRUE: Truth(self._all, 0), _FALSE: Truth(0, self._all), _UNKNOWN: Truth(0, 0)}[digits[0]]
        return _truth_of(column.digits(digits))

    def _read(self, field: str) -> Sequence[Any]:
        """What `Row.get` gives for each row."""
        if len(self._extras) > 1:
            return [row.get(field) for row in self.rows]
        if not hasattr(self._kind, field):
            return self._entries[field]
        values = list(map(attrgetter(field), self.rows))
        if self._extras and None in values:
            entries = self._entries[field]
            return [other if value is None else value for value, other in zip(values, entries, strict=True)]
        return values

    @cached_property
    def _entries(self) -> dict[str, Sequence[Any]]:
        """The entries of ``derived`` or ``fields``: all fields row by row, since a row's many entries lie together."""
        names = self._entry_names
        entries = list(map(attrgetter(self._extras[0]), self.rows)) if self._extras else []
        if not any(entries):
            return dict.fromkeys(names, [None] * len(self.rows))
        read: dict[str, Sequence[Any]] = {}
        everywhere = [name for name in names if name in entries[0]]
        if len(everywhere) > 1:
            with suppress(KeyError):
                # a third of the time of asking each row for each name
                read = dict(zip(everywhere, zip(*map(itemgetter(*everywhere), entries), strict=True), strict=True))
        for name in names:
            if name not in read:
                read[name] = [some.get(name) for some in entries]
        return read


class _Column:
    """The different values of a column, and which of them each row has."""

    def __init__(self, values: Sequence[Any]) -> None:
        try:
            codes, self.values = _numbered(values)
            if _NUMBERS.intersection(map(type, self.values)) and len(_NUMBERS.intersection(map(type, values))) > 1:
                # 1, 1.0 and true are equal, but not the same to a rule
                codes, pairs = _numbered(list(zip(map(type, values), values, strict=True)))
                self.values = [value for _, value in pairs]
        except TypeError:
            codes, self.values = _numbered_lists(values)
        self._codes = bytes(codes) if len(self.values) <= _CODES else codes

    def digits(self, of_values: bytes) -> bytes:
        """A digit for each row, of one for each of ``values``."""
        if isinstance(self._codes, bytes):
            return self._codes.translate(bytes.maketrans(bytes(range(len(of_values))), of_values))
        return bytes(map(of_values.__getitem__, self._codes))


def _numbered(values: Iterable[Any]) -> tuple[Sequence[int], list[Any]]:
    """The number of each value among the different ones, and these."""
    numbers: defaultdict[Any, int] = defaultdict(count().__next__)
    return list(map(numbers.__getitem__, values)), list(numbers)


def _numbered_lists(values: Sequence[Any]) -> tuple[Sequence[int], list[Any]]:
    """The same where some values are lists, which are told apart by what stands in them; as tuples they mean the same."""
    keys = [
        (*map(type, some), some) if isinstance(some, tuple) else (type(some), some) for some in map(_hashable, values)
    ]
    try:
        codes, different = _numbered(keys)
    except TypeError:
        # lists of lists: each row for itself
        return range(len(values)), list(values)
    return codes, [key[-1] for key in different]


def _hashable(value: Any) -> Any:  # noqa: ANN401 - columns of all types
    return tuple(value) if isinstance(value, list) else value


def _is_dear(expr: ir.Expr) -> bool:
    """Whether a test takes so long that rows on which the others have decided should be spared it."""
    return any(isinstance(leaf, ir.Regex | ir.Cidr | ir.FieldRef) for leaf in _leaves_of(expr))


def _truth_of(digits: bytes | bytearray) -> Truth:
    return Truth(int(digits.translate(_WHERE_TRUE), 2), int(digits.translate(_WHERE_FALSE), 2))


def _leaves_of(expr: ir.Expr) -> Iterator[ir.Leaf]:
    if isinstance(expr, ir.All | ir.Any):
        for part in expr.parts:
            yield from _leaves_of(part)
    elif isinstance(expr, ir.Not):
        yield from _leaves_of(expr.part)
    else:
        yield expr
