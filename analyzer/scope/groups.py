"""Parts that no rule can tell apart, as one: a site has thousands of phones of few kinds, and the engine is asked often.

A change of parts changes what a group says of all of them; the parts themselves are written anew only where somebody looks at
them one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, overload

from msgspec import Struct
from msgspec.structs import replace

from analyzer.scope.policy import PartAreas
from analyzer.scope.situation import UNSTATED, CaseFacts, Changes, Involved, Named, Part

Fields = Mapping[str, Any]


class Group:
    """Parts of one table and kind that agree in all columns of rules; ``named``: the ticket names them. ``over`` is what has been
    changed of all of them, ``fields`` what rules read.
    """

    def __init__(self, parts: tuple[Part, ...], *, named: bool, over: Fields | None = None) -> None:
        first = parts[0]
        self.parts, self.named, self.over = parts, named, over
        self.of, self.kind, self.excused, self.place = first.of, first.kind, first.excused, first.place
        self.fields: dict[str, Any] = {**first.fields, **over} if over else first.fields

    @cached_property
    def keys(self) -> frozenset[str]:
        """Keys of its parts."""
        return frozenset(part.key for part in self.parts)

    @cached_property
    def shown(self) -> tuple[Part, ...]:
        """Its parts with what has been changed of them."""
        over = self.over
        return tuple(replace(part, fields={**part.fields, **over}) for part in self.parts) if over else self.parts

    def changed(self, keys: frozenset[str], over: Fields) -> Iterator[Group]:
        """The group with other fields for those of its parts that have these keys; without them where they are removed."""
        if keys.isdisjoint(self.keys):
            yield self
            return
        if not self.keys <= keys:
            yield Group(tuple(part for part in self.parts if part.key not in keys), named=self.named, over=self.over)
        if not over.get("removed"):
            parts = self.parts if self.keys <= keys else tuple(part for part in self.parts if part.key in keys)
            yield Group(parts, named=self.named, over={**(self.over or {}), **over})

    def unnamed(self) -> Group:
        """The group where the ticket names nothing."""
        return Group(self.parts, named=False, over=self.over) if self.named else self


def grouped(parts: Iterable[Part], columns: Sequence[str], named: frozenset[str]) -> tuple[Group, ...]:
    """All parts in groups, in the order of their first ones."""
    together: dict[tuple[Any, ...], list[Part]] = {}
    for part in parts:
        fields = part.fields
        words = tuple([repr(fields.get(column)) for column in columns])
        key = (part.of, part.kind, part.excused, part.key in named, bool(fields.get("unseen")), words)
        together.setdefault(key, []).append(part)
    return tuple(Group(tuple(found), named=key[3]) for key, found in together.items())


class PartsOf(Sequence[Part]):
    """The parts of groups one behind the other; of each entry those of all its groups in their order."""

    def __init__(self, entries: Iterable[Sequence[Group]] = ()) -> None:
        self.entries = tuple(entries)

    def subjects(self) -> Iterator[str]:
        """Keys of all parts in their order."""
        for groups in self.entries:
            parts = (part for group in groups for part in group.parts)
            yield from (part.key for part in (sorted(parts, key=_place) if len(groups) > 1 else parts))

    @cached_property
    def keys(self) -> frozenset[str]:
        """Keys of all parts, whatever their order."""
        found = [group.keys for groups in self.entries for group in groups]
        return found[0] if len(found) == 1 else frozenset().union(*found)

    @cached_property
    def _all(self) -> tuple[Part, ...]:
        found: list[Part] = []
        for groups in self.entries:
            parts = [part for group in groups for part in group.shown]
            found += sorted(parts, key=_place) if len(groups) > 1 else parts
        return tuple(found)

    def __len__(self) -> int:
        return sum(len(group.parts) for groups in self.entries for group in groups)

    def __iter__(self) -> Iterator[Part]:
        return iter(self._all)

    @overload
    def __getitem__(self, index: int) -> Part: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Part, ...]: ...
    def __getitem__(self, index: int | slice) -> Part | tuple[Part, ...]:
        return self._all[index]


def _place(part: Part) -> int:
    return part.place


NO_PARTS = PartsOf()


class Situation(Struct, frozen=True, kw_only=True):
    """A case as it is judged."""

    case: CaseFacts
    groups: tuple[Group, ...]
    named: Named
    areas: Mapping[str, PartAreas]

    @property
    def parts(self) -> PartsOf:
        """All parts in their order."""
        return PartsOf([self.groups])

    def changed(self, changes: Changes) -> Situation:
        """The same case with other facts; this one stays as it is."""
        case, groups = self.case, self.groups
        if changes.case:
            case = replace(case, fields={**case.fields, **changes.case})
        if changes.parts:
            groups = tuple(after for group in groups for after in group.changed(changes.parts, changes.fields))
        return replace(self, case=case, groups=groups)

    def involved(self, part: Part | Group) -> Involved:
        """Whether the problem involves a part: named, or its own area where no other party was named."""
        if part.named if isinstance(part, Group) else part.key in self.named.keys:
            return "yes"
        problem = self.case.fields.get("problem", UNSTATED)
        if problem == UNSTATED:
            return "no" if self.named.anything else "open"
        areas = self.areas.get(part.kind)
        if areas is None:
            return "no"
        if problem in areas.own:
            return "no" if part.of in self.named.tables else "yes"
        return "yes" if problem in areas.shared and not self.named.anything else "no"
