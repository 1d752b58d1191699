"""How much one case may cost. Everything in a bundle may be hostile: each limit that is hit is said with its number."""

from __future__ import annotations

import time

from msgspec import Struct, field

from parsers.tree.errors import BudgetExceededError

MIB = 1024 * 1024


def shown(size: float) -> str:
    """A number of bytes for people: ``64 MiB``, ``1.5 KiB``."""
    unit = "B"
    for larger in ("KiB", "MiB", "GiB"):
        if size < 1024:
            break
        size, unit = size / 1024, larger
    return f"{size:.4g} {unit}"


class Budget(Struct):
    """The limits of one case, and what is used up of them.

    ``max_bytes``: bytes that may come out of all archives together (plain files cost nothing: they are not unpacked).
    ``max_ratio``: output per compressed byte of one member, judged once its output is above ``ratio_floor`` bytes.
    ``max_memory``: bytes of one member that may be held in memory at once. ``max_path``: characters of a name
    inside its container. ``max_depth``: containers inside one another. ``hits`` lists every limit that was hit.
    """

    max_bytes: int = 4096 * MIB
    max_ratio: float = 200
    ratio_floor: int = 64 * MIB
    max_members: int = 20_000
    max_depth: int = 3
    max_seconds: float = 600
    max_path: int = 512
    max_memory: int = 1024 * MIB
    bytes_out: int = 0
    members: int = 0
    started: float = field(default_factory=time.monotonic)
    hits: list[BudgetExceededError] = field(default_factory=list)

    def exceeded(self, place: str, limit: str, reason: str) -> BudgetExceededError:
        """Note that a limit was hit; the caller raises what comes back."""
        error = BudgetExceededError(place, limit, float(getattr(self, limit)), reason)
        if all((hit.place, hit.limit) != (place, limit) for hit in self.hits[-50:]):
            self.hits.append(error)
        return error

    def check_time(self, place: str) -> None:
        """Raises BudgetExceededError once the time is up."""
        if time.monotonic() - self.started > self.max_seconds:
            raise self.exceeded(place, "max_seconds", f"the time limit of {self.max_seconds:g} seconds is reached")

    def check_depth(self, place: str, depth: int) -> None:
        """``depth`` counts containers inside one another, from 1. Raises BudgetExceededError."""
        if depth > self.max_depth:
            reason = f"an archive inside archives, deeper than the limit of {self.max_depth}: not opened"
            raise self.exceeded(place, "max_depth", reason)

    def check_name(self, place: str, name: str) -> None:
        """Raises BudgetExceededError for a name that is too long."""
        if len(name) > self.max_path:
            reason = f"the name has {len(name)} characters, above the limit of {self.max_path}: not read"
            raise self.exceeded(place, "max_path", reason)

    def count_member(self, place: str) -> None:
        """Count one file. Raises BudgetExceededError when there are too many, or the time is up."""
        self.check_time(place)
        if self.members >= self.max_members:
            raise self.exceeded(place, "max_members", f"the limit of {self.max_members} files is reached")
        self.members += 1

    def ratio_reason(self, out: int, packed: int) -> str | None:
        """Why so much output from so few bytes is refused; null where it is not."""
        if out <= self.ratio_floor or out <= packed * self.max_ratio:
            return None
        return (
            f"{shown(out)} out of {shown(packed)} is above the limit of {self.max_ratio:g} to 1"
            f" (judged above {shown(self.ratio_floor)}), as in a decompression bomb"
        )


class Meter(Struct):
    """Counts what comes out of one member of an archive; reading it a second time costs nothing."""

    budget: Budget
    place: str
    furthest: int = 0

    def count(self, out: int, packed: int) -> None:
        """``out`` bytes have come out since the member's start, from ``packed``. Raises BudgetExceededError."""
        budget = self.budget
        budget.check_time(self.place)
        reason = budget.ratio_reason(out, packed)
        if reason:
            raise budget.exceeded(self.place, "max_ratio", f"{reason}: cut here")
        if out <= self.furthest:
            return
        if budget.bytes_out + out - self.furthest > budget.max_bytes:
            reason = f"the limit of {shown(budget.max_bytes)} unpacked in all is reached: cut here"
            raise budget.exceeded(self.place, "max_bytes", reason)
        budget.bytes_out += out - self.furthest
        self.furthest = out
