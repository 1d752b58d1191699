from __future__ import annotations

import pytest

from analyzer.catalog.version import compare, parse, within


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("20.0.9.995", (20, 0, 9, 995)),
        ("20.0.9.995 (995)", (20, 0, 9, 995)),
        (" V20.0 ", (20, 0)),
        ("18", (18,)),
        ("XXXX", None),
        ("20.x.x.x", None),
        ("20.0.7.****", None),
        ("20.", None),
        ("", None),
        (None, None),
        ("9" * 5000, None),
        ("1." * 60 + "1", None),
        ("٢٠.٠", (20, 0)),
    ],
)
def test_parse(text: str | None, parts: tuple[int, ...] | None) -> None:
    assert parse(text) == parts


def test_compare_is_numeric_and_open_where_one_is_the_beginning_of_the_other() -> None:
    assert compare((20, 0, 10, 1), (20, 0, 9, 995)) == 1
    assert compare((20, 0, 9, 99), (20, 0, 9, 995)) == -1
    assert compare((20, 0), (20, 0, 9, 995)) is None
    assert compare((18,), (20, 0, 9, 995)) == -1
    assert compare((20, 0, 9, 995), (20, 0, 9, 995)) == 0


@pytest.mark.parametrize(
    ("version", "span", "inside"),
    [
        ("20.0.0.1493", ">=20,<20.0.0.1494", True),
        ("20.0.0.1494", ">=20,<20.0.0.1494", False),
        ("18.0.9.45", ">=20,<20.0.0.1494", False),
        ("18.0.9.22", "<18.0.9.23", True),
        ("18.0.3.1", "<18.0.3", False),
        ("18.0.2.999", "<18.0.3", True),
        ("16.0.0.1570", "==16.0.0.1570", True),
        ("20.0", ">=20,<20.0.0.1494", None),
        ("19", ">=20,<20.0.0.1494", False),
    ],
)
def test_within(version: str, span: str, inside: bool | None) -> None:
    parts = parse(version)
    assert parts is not None
    assert within(parts, span) is inside


@pytest.mark.parametrize("span", ["V18 Update 3", "", "<", "=18"])
def test_a_text_that_is_no_range(span: str) -> None:
    with pytest.raises(ValueError, match="not a range"):
        within((18,), span)
