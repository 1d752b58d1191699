"""Daily and rotated files of one log are one log."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from parsers import lazy

_PACKED = lazy.pattern(r"\.(?:gz|bz2|xz|zst)$", re.IGNORECASE)
_ROTATED = lazy.pattern(r"\.(?:\d{1,4}|old|bak|previous)$", re.IGNORECASE)
_DATED = lazy.pattern(
    r"[-_.]?(?<!\d)20\d{2}[-_.]?[01]\d[-_.]?[0-3]\d(?:[-_T.]?\d{2}[-_.]?\d{2}(?:[-_.]?\d{2})?)?(?!\d)(?:[-_.]\d{1,4}(?=\.))?"
)


def log_family(path: str) -> str:
    """The path without what rotation adds to a name.

    ``a.zip!/Logs/3CXMediaServer.2026-08-07.log``, ``…/3CXMediaServer.log.1`` and ``…/3CXMediaServer.log.2.gz!/3CXMediaServer.log.2``
    all belong to ``a.zip!/Logs/3CXMediaServer.log``.
    """
    parts = path.replace("\\", "/").split("!/")
    if len(parts) > 1 and _PACKED.sub("", PurePosixPath(parts[-2]).name) == parts[-1]:
        parts.pop()
    folder, slash, name = "!/".join(parts).rpartition("/")
    base = _DATED.sub("", _PACKED.sub("", name))
    while (shorter := _ROTATED.sub("", base)) != base and shorter:
        base = shorter
    return folder + slash + (base if base.strip("._-") else name)
