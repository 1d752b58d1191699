"""What can go wrong with one place of the source tree. None of these leaves the tree: the walker and the members turn them
into `parsers.tree.unreadable.Unreadable` rows and into `Member.problems`.
"""

from __future__ import annotations


class TreeError(Exception):
    """Something in the source tree could not be read. ``place`` is the artifact path, ``reason`` a sentence for the user."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(reason)
        self.place = place
        self.reason = reason


class DamagedError(TreeError):
    """The content contradicts its own format: cut off, overwritten, or made up."""


class EncryptedError(TreeError):
    """The content is encrypted and there is no password."""


class UnsupportedError(TreeError):
    """A compression method or container that cannot be read here."""


class BudgetExceededError(TreeError):
    """A limit of the `parsers.tree.budget.Budget` was hit.

    ``limit`` is the field's name, ``number`` its value in the field's own unit.
    """

    def __init__(self, place: str, limit: str, number: float, reason: str) -> None:
        super().__init__(place, reason)
        self.limit = limit
        self.number = number
