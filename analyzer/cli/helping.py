"""What stands below the options in a verb's help."""

from __future__ import annotations


def examples(*lines: str) -> str:
    r"""Calls to copy, as an epilog (``\b`` keeps the lines as they are)."""
    return "\n".join(("\b", "Examples:", *(f"  tcxtriage {line}" for line in lines)))
