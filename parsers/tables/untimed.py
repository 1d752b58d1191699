"""Rows whose time cannot be read: said once, with the first of them."""

from __future__ import annotations

from msgspec import Struct

from parsers.api import Sink

TEXT_LIMIT = 40


class Untimed(Struct):
    """``9/6/2026 9:37 PM`` may be the 9th of June or the 6th of September, in any zone: such a time stays unknown."""

    count: int = 0
    first: int = 0
    text: str = ""

    def see(self, number: int, text: str | None) -> None:
        """Note a row by its number, with what stands where its time should be."""
        if not self.count:
            self.first, self.text = number, (text or "").strip()[:TEXT_LIMIT]
        self.count += 1

    def say(self, out: Sink) -> None:
        """Tell the user, where there were any."""
        if self.count:
            what = repr(self.text) if self.text else "nothing"
            more = f" and {self.count - 1} more" if self.count > 1 else ""
            out.problem(f"no time can be read in row {self.first}{more}: {what} stands there")
