"""Files that hold secrets. The values themselves are never facts."""

from __future__ import annotations

from typing import ClassVar

from parsers.facts.base import Row


class SecretFile(Row, kw_only=True):
    """A file in which passwords, keys or links stand in clear. ``kind`` is that of the artifact, ``secrets`` how many differ."""

    table: ClassVar[str] = "secret_file"

    kind: str
    secrets: int
