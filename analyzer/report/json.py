"""The report as JSON."""

from __future__ import annotations

from typing import Any

import msgspec


def render(report: dict[str, Any]) -> str:
    """Indented UTF-8 JSON that ends in a line break; values that JSON does not know (NaN) are null."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1).decode() + "\n"
