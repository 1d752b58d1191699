"""Exit codes that say what became of a case (1 is an internal error, 2 one of usage)."""

from __future__ import annotations

SCOPE: dict[str, int] = {"in_scope": 0, "out_of_scope": 3, "needs_information": 4}
NOTHING_READABLE = 5
