"""A ladder as text for terminals and tickets."""

from __future__ import annotations

from analyzer.ladder.model import Ladder, Party, Step

LEFT = 24
NARROWEST, LINE = 24, 160
"""Least room between two parties, and how long a line may become where labels want more."""
BESIDE = 20
"""Room between two parties where the labels stand beside the arrows."""
AGAIN = 60
"""The parties are named anew after so many arrows."""


def render(ladder: Ladder) -> str:
    """Lines of plain text; repeats are drawn with ``~``, media with ``=``, long silences stand on a line of their own. Where what is
    said finds no room in the arrows, it stands to the right of them.
    """
    count = len(ladder.parties)
    longest = max(NARROWEST, max((len(step.says) + 8 for step in ladder.steps), default=0))
    beside = count * longest > LINE - LEFT
    width = BESIDE if beside else longest
    middles = [LEFT + width // 2 + width * i for i in range(count)]
    lines = [ladder.title, ladder.summary, *ladder.notes, ""]
    if beside:
        lines += [f"{_number(i)} {party.host}  {party.name}".rstrip() for i, party in enumerate(ladder.parties)] + [""]
    heads = _heads(ladder.parties, middles, width, beside=beside)
    for index, step in enumerate(ladder.steps):
        if index % AGAIN == 0:
            lines += heads
        if step.waited:
            lines.append(_pause(step, middles))
        lines.append(_arrow(step, middles, beside=beside))
    if ladder.left_out:
        lines.append(f"… {ladder.left_out} more not drawn")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _number(index: int) -> str:
    return f"{index + 1}:"


def _heads(parties: list[Party], middles: list[int], width: int, *, beside: bool) -> list[str]:
    if beside:
        hosts = {m: f"{_number(i)} {p.host}" for i, (m, p) in enumerate(zip(middles, parties, strict=True))}
        return [_row(hosts, width)]
    rows = (
        {m: p.host for m, p in zip(middles, parties, strict=True)},
        {m: p.name for m, p in zip(middles, parties, strict=True)},
    )
    return [_row(words, width) for words in rows]


def _row(words: dict[int, str], width: int) -> str:
    line = ""
    for middle, word in words.items():
        shown = word if len(word) <= width - 2 else word[: width - 3] + "…"
        line = line.ljust(max(0, middle - len(shown) // 2)) + shown
    return line


def _bars(middles: list[int]) -> list[str]:
    line = [" "] * (middles[-1] + 1)
    for middle in middles:
        line[middle] = "|"
    return line


def _pause(step: Step, middles: list[int]) -> str:
    text = f"… {step.gap_s:.1f} s"
    return text.rjust(LEFT - 2).ljust(LEFT) + "".join(_bars(middles)[LEFT:])


def _arrow(step: Step, middles: list[int], *, beside: bool) -> str:
    line = _bars(middles)
    head = f"{step.at_s:10.3f}  {step.place}".ljust(LEFT)
    start, end = middles[step.source], middles[step.target]
    low, high = min(start, end), max(start, end)
    if low == high:  # a host that talks to itself
        return f"{head}{''.join(line[LEFT:])}  (itself) {step.says}"
    stroke = "~" if step.repeat else "=" if step.kind == "media" else "-"
    shown = "" if beside else f" {step.says} "
    line[low + 1 : high] = list(shown.center(high - low - 1, stroke))
    if end > start:
        line[high - 1] = ">"
    else:
        line[low + 1] = "<"
    return head + "".join(line[LEFT:]) + (f"  {step.says}" if beside else "")
