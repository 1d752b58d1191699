"""Which captures of a case are one: files that a capture was written to in turn (``tcpdump -C`` and ``-G``, ring buffers).

A file goes on with another one when it begins where that one ends, and their names are of one series or the same hosts
speak on the same ports. Captures that overlap are two places of one time, those that lie apart are two captures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from mmap import mmap

from msgspec import Struct, field

from parsers.api import Done, Sink, Tally
from parsers.capture.content import Content
from parsers.capture.magic import is_capture
from parsers.capture.parser import Reading, read_capture
from parsers.capture.series_reading import SeriesReading
from parsers.capture.walk import KEPT_BLOCKS, Room
from parsers.capture.walk_series import Flow, Pair, SeriesWalk
from parsers.collecting import without_collecting
from parsers.tree.member import Member

NAMED_GAP_NS = 60_000_000_000
"""Between files of one name of the same hosts; a quiet line is silent for so long, no call that is up is."""
GAP_NS = 5_000_000_000
"""Between files of one name, or of the same hosts on the same ports."""
SMALL_GAP = 10
"""A gap of so many times less than the file before it is long is no lost file, whatever their numbers are."""
BACK_NS = 10_000_000
"""How far a file may begin before the end of the one before: packets of several interfaces are not quite in order."""
OPEN_LIMIT = 4
"""Series that may still go on, at a time: captures of so many places."""
FILES_LIMIT = 500
"""Files of one series."""
HELD_LIMIT = 256 * 1024 * 1024
"""Bytes of files that are held in memory: no file goes on with a series of so many, and one series at a time is open then."""
SMALL = 256 * 1024
"""Bytes up to which a file is held in memory rather than mapped."""


def _mappable() -> int:
    """A part of the files that the process may have open."""
    try:
        from resource import RLIMIT_NOFILE, getrlimit
    except ImportError:  # Windows counts no mappings
        return FILES_LIMIT
    soft = getrlimit(RLIMIT_NOFILE)[0]
    return FILES_LIMIT if soft < 0 else max(1, min(soft // 3, FILES_LIMIT))


MAPPED_LIMIT = _mappable()
"""Files that are mapped at a time: each costs an open file."""


class _File(Struct):
    """A capture that waits; ``first`` is the time of its first packets, ``flows`` and ``pairs`` say who speaks in them."""

    number: int
    member: Member
    out: Sink
    first: int
    flows: set[Flow]
    pairs: set[Pair]

    @property
    def name(self) -> tuple[str, str]:
        """Its folder and its name without what counts in it."""
        folder, _, name = self.member.path.replace("\\", "/").rpartition("/")
        return folder, re.sub(r"[\d\W_]+", "", name.casefold())


class _Series(Struct):
    """Files that were walked one after the other; ``length`` is that of the last one, ns."""

    walk: SeriesWalk
    reading: Reading | None = None
    files: list[_File] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    first: int = 0
    last: int = 0
    length: int = 0
    held: int = 0
    mapped: int = 0


def read_captures(members: Sequence[Member], outs: Sequence[Sink]) -> Iterator[Done]:
    """Read all captures of a case: the number of each, and its tally or why it failed."""
    files, open_ones = [], list[_Series]()
    known = set()
    room = Room(KEPT_BLOCKS)
    for number, (member, out) in enumerate(zip(members, outs, strict=True)):
        content = (member.size, hash(member.head))
        seen = None if content in known else _look(member.head)
        if seen is None:
            yield _alone(number, member, out)
            continue
        known.add(content)
        files.append(_File(number, member, out, *seen))
    for file in sorted(files, key=lambda one: (one.first, one.member.path)):
        for series in [one for one in open_ones if file.first - one.last > NAMED_GAP_NS]:
            open_ones.remove(series)
            yield from _finish(series)
        series = _continued(file, open_ones) or _Series(SeriesWalk(room))
        if not series.files:
            if len(open_ones) == OPEN_LIMIT:
                yield from _finish(open_ones.pop(0))
            open_ones.append(series)
        if not _add(series, file):
            open_ones.remove(series)
            series.walk.close()
            yield from _singly([*series.files, file])
        while len(open_ones) > 1 and _too_much(open_ones):
            yield from _finish(open_ones.pop(0))
    for series in open_ones:
        yield from _finish(series)


def _too_much(open_ones: Sequence[_Series]) -> bool:
    held, mapped = sum(one.held for one in open_ones), sum(one.mapped for one in open_ones)
    return held > HELD_LIMIT or mapped > MAPPED_LIMIT


def _look(head: bytes) -> tuple[int, set[Flow], set[Pair]] | None:
    """The time of the first packets, who speaks in them, and with whom; null where none has a time."""
    if not is_capture(head[:4]):
        return None
    walk = SeriesWalk(Room(0))
    walk.add(Content(memoryview(head)), "")
    first, last = walk.bounds()
    found = first, walk.flows(), walk.pairs()
    walk.close()
    return found if last >= 0 else None


def _continued(file: _File, open_ones: Sequence[_Series]) -> _Series | None:
    """The series that a file goes on with, best one of the same name."""
    following = [
        one
        for one in open_ones
        if one.first < file.first
        and -BACK_NS <= file.first - one.last <= NAMED_GAP_NS
        and len(one.files) < FILES_LIMIT
        and one.held < HELD_LIMIT
        and one.mapped < MAPPED_LIMIT
        and not one.walk.crowded
        and not _missing(one, file)
    ]
    near = {id(one) for one in following if file.first - one.last <= GAP_NS}
    named = [
        one
        for one in following
        if one.files[-1].name == file.name and (id(one) in near or file.pairs & one.walk.pairs())
    ]
    if named:
        return max(named, key=lambda one: one.last)
    same = [one for one in following if id(one) in near and file.flows & one.walk.flows()]
    return max(same, key=lambda one: one.last, default=None)


def _missing(series: _Series, file: _File) -> bool:
    """Whether a file is missing before this one: ``dump_00001.pcap``, ``dump_00003.pcap``, and a gap that would hold it."""
    last = series.files[-1]
    if last.name != file.name or (file.first - series.last) * SMALL_GAP < series.length:
        return False
    counts = [[text for text in re.findall(r"\d+", one.member.name) if len(text) <= 5] for one in (last, file)]
    steps = [int(b) - int(a) for a, b in zip(*counts, strict=False) if a != b]
    return len(counts[0]) == len(counts[1]) and bool(steps) and steps[0] > 1


def _add(series: _Series, file: _File) -> bool:
    """Walk a file; false where that failed."""
    try:
        content = Content.of(file.member)
        mapped = isinstance(content.data.obj, mmap)
        if mapped and len(content.data) > SMALL:
            series.mapped += 1
        elif content.final:
            content = Content(memoryview(bytes(content.data))) if mapped else content
            series.held += len(content.data)
        reading = _begin(series, file)
        with without_collecting():
            part = series.walk.add(content, file.out.artifact, file.out.progress, reading.read)
    except Exception:  # noqa: BLE001 - the files are read by themselves then
        return False
    series.sizes.append(content.size)
    series.files.append(file)
    series.first, series.last = series.walk.bounds()
    series.length = int((part.capture.duration_s or 0) * 1e9)
    return True


def _begin(series: _Series, file: _File) -> Reading:
    """Who reads the notes of the next file: the first one is read as if it were by itself, until it is known that it is not."""
    reading = series.reading
    if not series.files:
        reading = Reading(file.out)
    elif not isinstance(reading, SeriesReading):
        series.walk.anew()
        reading = _reading(series)
    if isinstance(reading, SeriesReading):
        reading.begin(series.walk.frames, file.out)
    series.reading = reading
    return reading


def _reading(series: _Series) -> SeriesReading:
    """For the files so far."""
    reading = SeriesReading(SERIES, series.walk.parts)
    for part, file in zip(series.walk.parts, series.files, strict=True):
        reading.begin(part.before, file.out)
    return reading


def _finish(series: _Series) -> Iterator[Done]:
    """All rows of a series."""
    files, outs = series.files, [file.out for file in series.files]
    try:
        walked = series.walk.finish(outs[0].artifact if len(files) == 1 else SERIES)
        parts = series.walk.parts
        for out, part in zip(outs, parts, strict=True):
            for problem in part.problems:
                out.problem(problem)
        if isinstance(series.reading, SeriesReading):
            if series.reading.full:
                walked.unseen, walked.afresh = None, True
            (_reading(series) if walked.afresh else series.reading).all(walked)
        else:
            (Reading(outs[0]) if walked.afresh or series.reading is None else series.reading).all(walked)
    except Exception:  # noqa: BLE001 - as above
        series.walk.close()
        yield from _singly(files)
        return
    series.walk.close()
    for file, part, size in zip(files, parts, series.sizes, strict=True):
        yield file.number, Tally(records=part.capture.packets, understood=part.understood, bytes=size)


SERIES = "\0series"
"""The artifact of a series while it is read; no file is called so."""


def _singly(files: Sequence[_File]) -> Iterator[Done]:
    for file in files:
        file.out.problems.clear()
        yield _alone(file.number, file.member, file.out)


def _alone(number: int, member: Member, out: Sink) -> Done:
    try:
        return number, read_capture(member, out)
    except Exception as error:  # noqa: BLE001 - one file that breaks a parser must not lose the others
        return number, error
