"""What is wrong with a pack, with its place."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct


class Problem(Struct, frozen=True, order=True):
    """One fault of a rule file. ``line`` counts from 1, 0 where the whole file is meant."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


class PackError(Exception):
    """Signatures that do not load, with file and line of each fault."""

    def __init__(self, problems: Sequence[Problem] | str) -> None:
        self.problems: tuple[Problem, ...] = () if isinstance(problems, str) else tuple(problems)
        super().__init__(problems if isinstance(problems, str) else "\n".join(str(item) for item in problems))


class RuleError(Exception):
    """One fault inside a rule, while it is being read."""

    def __init__(self, text: str, *path: str | int) -> None:
        self.path = path
        super().__init__(text)
