"""Regexes that are compiled when they are first used: a case meets few of the formats that are known."""

from __future__ import annotations

import re
from typing import Any, cast


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """What ``re.compile`` gives, but compiled at the first use. A wrong expression raises then: tests have to use it."""
    return cast("re.Pattern[str]", _Pattern(text, flags))


class _Pattern:
    def __init__(self, text: str, flags: int) -> None:
        self._text, self._flags = text, flags

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any method of a pattern
        found = getattr(re.compile(self._text, self._flags), name)
        setattr(self, name, found)  # the next time it is found without asking here
        return found
