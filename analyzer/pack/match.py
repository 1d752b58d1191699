"""Conditions as Python closures, in three values: true, false, and null for "cannot be decided"."""

from __future__ import annotations

import ipaddress
import operator
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

from analyzer.pack import ir, tables
from parsers.facts.base import Row

Verdict = bool | None
Test = Callable[[Row], Verdict]
_ValueTest = Callable[[Any], Verdict]

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "neq": operator.ne,
}
_POSITION: dict[str, Callable[[str, str], bool]] = {
    "equals": operator.eq,
    "contains": operator.contains,
    "startswith": str.startswith,
    "endswith": str.endswith,
}


def compile_test(expr: ir.Expr, table: type[Row]) -> Test:
    """A function that says of a row of ``table`` whether the condition holds."""
    if isinstance(expr, ir.All):
        return _all(tuple(compile_test(part, table) for part in expr.parts))
    if isinstance(expr, ir.Any):
        return _any(tuple(compile_test(part, table) for part in expr.parts))
    if isinstance(expr, ir.Not):
        return _not(compile_test(expr.part, table))
    test = _leaf_tests.get((expr, table))
    if test is None:
        test = _leaf_tests[expr, table] = _leaf(expr, table)
    return test


_leaf_tests: dict[tuple[ir.Leaf, type[Row]], Test] = {}
"""Made once: evidence and coverage ask leaf by leaf."""


def _all(tests: tuple[Test, ...]) -> Test:
    def holds(row: Row) -> Verdict:
        verdict: Verdict = True
        for test in tests:
            one = test(row)
            if one is False:
                return False
            if one is None:
                verdict = None
        return verdict

    return holds


def _any(tests: tuple[Test, ...]) -> Test:
    def holds(row: Row) -> Verdict:
        verdict: Verdict = False
        for test in tests:
            one = test(row)
            if one:
                return True
            if one is None:
                verdict = None
        return verdict

    return holds


def _not(test: Test) -> Test:
    def holds(row: Row) -> Verdict:
        verdict = test(row)
        return None if verdict is None else not verdict

    return holds


def reader(field: str, table: type[Row]) -> Callable[[Row], Any]:
    """What reads a column of a row, or an entry of its ``derived`` or ``fields``, as `Row.get` does."""
    known = tables.columns(table)
    extras = [name for name in ("derived", "fields") if name in known or hasattr(table, name)]
    if field in known and not extras:
        return operator.attrgetter(field)
    if table.get is not Row.get or len(extras) != 1 or (field not in known and hasattr(table, field)):
        return operator.methodcaller("get", field)
    return _column_or_entry(field, extras[0]) if field in known else _entry(field, extras[0])


def _entry(field: str, extra: str) -> Callable[[Row], Any]:
    entries_of = operator.attrgetter(extra)

    def read(row: Row) -> Any:  # noqa: ANN401 - columns of all types
        entries = entries_of(row)
        return entries.get(field) if entries is not None else None

    return read


def _column_or_entry(field: str, extra: str) -> Callable[[Row], Any]:
    value_of = operator.attrgetter(field)
    entry_of = _entry(field, extra)

    def read(row: Row) -> Any:  # noqa: ANN401 - columns of all types
        value = value_of(row)
        return entry_of(row) if value is None else value

    return read


def _leaf(leaf: ir.Leaf, table: type[Row]) -> Test:
    read = reader(leaf.field, table)
    if isinstance(leaf, ir.FieldRef):
        return _field_ref(leaf, read, reader(leaf.other, table))
    test = value_test(leaf)
    return lambda row: test(read(row))


def value_test(leaf: ir.Leaf) -> _ValueTest:
    """A function that says of a column's value, null included, whether a leaf that looks at one column holds."""
    if isinstance(leaf, ir.IsNull):
        return lambda value: value is None
    if isinstance(leaf, ir.Exists):
        wanted = leaf.wanted
        return lambda value: (value is not None) is wanted
    test = _value_test(leaf)

    def holds(value: Any) -> Verdict:  # noqa: ANN401 - columns of all types
        if value is None:
            return None
        return _element(test, value) if isinstance(value, list | tuple) else test(value)

    return holds


def _element(test: _ValueTest, values: list[Any] | tuple[Any, ...]) -> Verdict:
    """Whether one element of a list does; unknown where only a null might."""
    verdict: Verdict = False
    for value in values:
        one = None if value is None else test(value)
        if one:
            return True
        if one is None:
            verdict = None
    return verdict


def as_text(value: Any) -> str:  # noqa: ANN401 - columns of all types
    """A value as rules and messages write it: ``true``, ``12``, ISO 8601 times."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _number(value: Any) -> float | None:  # noqa: ANN401 - columns of all types
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            return None
        return number if number == number else None  # noqa: PLR0124 - "nan" is no number
    return None


def _value_test(leaf: ir.Leaf) -> _ValueTest:
    if isinstance(leaf, ir.Text):
        return _text_test(leaf)
    if isinstance(leaf, ir.Regex):
        return _regex_test(leaf)
    if isinstance(leaf, ir.Number):
        wanted = leaf.value
        return lambda value: _number(value) == wanted
    if isinstance(leaf, ir.Bool):
        truth, word = leaf.value, as_text(leaf.value)
        return lambda value: value.lower() == word if isinstance(value, str) else value is truth
    if isinstance(leaf, ir.Compare):
        return _compare_test(leaf)
    if isinstance(leaf, ir.Cidr):
        return _cidr_test(leaf)
    raise TypeError(f"{type(leaf).__name__} looks at more than a value")


def _text_test(leaf: ir.Text) -> _ValueTest:
    stands = _POSITION[leaf.where]
    if leaf.cased:
        exact = leaf.value
        return lambda value: stands(value if isinstance(value, str) else as_text(value), exact)
    wanted = leaf.value.lower()
    return lambda value: stands((value if isinstance(value, str) else as_text(value)).lower(), wanted)


def _regex_test(leaf: ir.Regex) -> _ValueTest:
    def holds(value: Any) -> Verdict:  # noqa: ANN401 - columns of all types
        # as bytes: RE2's binding spends most of its time on places in text, which nobody asks for
        return compile_regex(leaf).search(_utf8(as_text(value))) is not None

    return holds


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        # lone surrogates of damaged text
        return text.encode("utf-8", "replace")


class RegexError(ValueError):
    """An expression that RE2 does not take; the text says why."""


@lru_cache(maxsize=2048)
def compile_regex(leaf: ir.Regex) -> Any:  # noqa: ANN401 - RE2's binding has no types
    """The expression, ready to search. Raises `RegexError`."""
    # RE2 takes linear time whatever a bundle's text is; it is loaded only when a regex is judged
    import re2  # type: ignore[import-untyped]

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(f"(?{leaf.flags}){leaf.pattern}" if leaf.flags else leaf.pattern, options)
    except re2.error as error:
        raise RegexError(error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)) from error


def _compare_test(leaf: ir.Compare) -> _ValueTest:
    compare, bound = _COMPARE[leaf.how], leaf.value

    def holds(value: Any) -> Verdict:  # noqa: ANN401 - columns of all types
        number = _number(value)
        return None if number is None else compare(number, bound)

    return holds


def _cidr_test(leaf: ir.Cidr) -> _ValueTest:
    network = ipaddress.ip_network(leaf.network)

    def holds(value: Any) -> Verdict:  # noqa: ANN401 - columns of all types
        address = _address(as_text(value))
        return None if address is None else address in network

    return holds


@lru_cache(maxsize=4096)
def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address without its port: ``10.0.0.1:5060``, ``[2001:db8::1]:5060``; null for anything else."""
    host = text[1:].split("]", maxsplit=1)[0] if text.startswith("[") else text
    if host.count(":") == 1:
        host = host.split(":")[0]
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _field_ref(leaf: ir.FieldRef, read: Callable[[Row], Any], read_other: Callable[[Row], Any]) -> Test:
    stands = _POSITION[leaf.where]

    def same(value: Any, other: Any) -> Verdict:  # noqa: ANN401 - columns of all types
        if other is None:
            return None
        first, second = _number(value), _number(other)
        if leaf.where == "equals" and first is not None and second is not None:
            return first == second
        return stands(as_text(value).lower(), as_text(other).lower())

    def holds(row: Row) -> Verdict:
        value, other = read(row), read_other(row)
        if value is None or other is None:
            return None
        others = other if isinstance(other, list | tuple) else (other,)
        values = value if isinstance(value, list | tuple) else (value,)
        return _element(lambda one: _element(lambda two: same(one, two), others), values)

    return holds
