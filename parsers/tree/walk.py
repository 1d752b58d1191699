"""From what the user gives to single members: archives are opened wherever they lie, up to the limit of depth.

Containers are recognised by their content, not by their name. A container that is read as a whole gives no row of its own;
one that is not (damaged, encrypted, too deep, a limit) gives an `Unreadable` with its own path.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from parsers.facts.artifact import Status
from parsers.tree.budget import Budget
from parsers.tree.errors import TreeError
from parsers.tree.folder import file_member, folder_members, shown_path
from parsers.tree.magic import NOT_OPENED, SEVEN_ZIP, ZIP, is_packed, is_tar
from parsers.tree.member import Member
from parsers.tree.names import ignored_content
from parsers.tree.ticket_file import TICKET, TICKET_REASON, is_ticket
from parsers.tree.unreadable import Unreadable


def walk(inputs: Sequence[Path | str], budget: Budget) -> Iterator[Member | Unreadable]:
    """Every file of the inputs in turn. Never raises for what it finds; a limit on one member never loses the others.

    A member is best read before the next one is asked for: members of a compressed tar are read in passing.
    """
    for given in inputs:
        path = os.fspath(given)
        try:
            if os.path.isdir(path):  # noqa: PTH112 - the path stays as it was given
                yield from _folder(path.rstrip("/") or "/", budget)
                continue
            budget.count_member(shown_path(path))
            found = file_member(path, budget, follow=True)
        except TreeError as error:
            yield Unreadable(path=shown_path(path), reason=f"{error.reason}: not read")
            continue
        yield from _opened(found, budget, 1)


def _folder(folder: str, budget: Budget) -> Iterator[Member | Unreadable]:
    members = folder_members(folder, budget)
    some = False
    while True:
        try:
            found = next(members, None)
        except TreeError as error:
            yield Unreadable(path=shown_path(folder), reason=error.reason, status="partial", kind="folder")
            return
        if found is None:
            if not some:
                yield Unreadable(path=shown_path(folder), reason="a folder without files", kind="folder")
            return
        some = True
        yield from _opened(found, budget, 1)


def _opened(found: Member | Unreadable, budget: Budget, depth: int) -> Iterator[Member | Unreadable]:
    """A member as it is, or, where it is a container, what is in it."""
    if isinstance(found, Unreadable):
        yield found
        return
    ignored = ignored_content(found.head)
    if ignored:
        yield Unreadable(path=found.path, reason=ignored.reason, status="ignored", kind=ignored.kind, size=found.size)
        return
    if is_ticket(found.path, found.head):
        yield Unreadable(path=found.path, reason=TICKET_REASON, status="ignored", kind=TICKET, size=found.size)
        return
    refused = next((what for magic, what in NOT_OPENED if found.head.startswith(magic)), None)
    if refused:
        reason = f"{refused} cannot be opened: pack it as zip, 7z or tar"
        yield Unreadable(path=found.path, reason=reason, kind="archive", size=found.size)
        return
    packed = is_packed(found.head)
    if not (packed or found.head.startswith((*ZIP, SEVEN_ZIP)) or is_tar(found.head)):
        yield found
        return
    try:
        budget.check_depth(found.path, depth)
    except TreeError as error:
        yield Unreadable(path=found.path, reason=error.reason, kind="archive", size=found.size)
        return
    if not packed:
        yield from _contents(found, _members(found, budget), budget, depth)
        return
    from parsers.tree import compressed

    unpack = compressed.unpacker(found.head)
    inner = compressed.unpacked(found, unpack, budget)
    if is_tar(inner.head):
        from parsers.tree import tar_file

        yield from _contents(found, tar_file.packed_members(found, unpack, budget), budget, depth)
    else:
        yield from _opened(inner, budget, depth + 1)


def _members(found: Member, budget: Budget) -> Iterator[Member | Unreadable]:
    if found.head.startswith(ZIP):
        from parsers.tree import zip_file

        return zip_file.members(found, budget)
    if found.head.startswith(SEVEN_ZIP):
        from parsers.tree import seven_zip

        return seven_zip.members(found, budget)
    from parsers.tree import tar_file

    return tar_file.plain_members(found, budget)


def _contents(
    container: Member, members: Iterator[Member | Unreadable], budget: Budget, depth: int
) -> Iterator[Member | Unreadable]:
    some, reasons = False, []
    while True:
        try:
            found = next(members, None)
        except TreeError as error:
            reasons.append(error.reason)
            break
        except Exception as error:  # noqa: BLE001 - a library that stumbles over one archive must not lose the others
            reasons.append(f"reading the archive failed ({type(error).__name__})")
            break
        if found is None:
            break
        some = True
        yield from _opened(found, budget, depth + 1)
    container.settle()
    reasons += [problem for problem in container.problems if problem not in reasons]
    if not some and not reasons:
        reasons = ["an archive without files"]
    if reasons:
        status: Status = "partial" if some else "unreadable"
        yield Unreadable(
            path=container.path, reason="; ".join(reasons), status=status, kind="archive", size=container.size
        )
