"""A ladder as text for terminals and tickets."""

from __future__ import annotations

from analyzer.ladder.model import Ladder, Step

LEFT = 22
NARROWEST, WIDEST = 24, 46


def render(ladder: Ladder) -> str:
    """Lines of plain text; repeats are drawn with ``~``, media with ``=``, long silences stand on a line of their own."""
    width = max(NARROWEST, min(WIDEST, max((len(_label(s)) + 4 for s in ladder.steps), default=0)))
    middles = [LEFT + width // 2 + width * i for i in range(len(ladder.parties))]
    lines = [ladder.title, ladder.summary, ""]
    lines.append(_row({m: p.host for m, p in zip(middles, ladder.parties, strict=True)}, width))
    lines.append(_row({m: p.name for m, p in zip(middles, ladder.parties, strict=True)}, width))
    for step in ladder.steps:
        if step.waited:
            lines.append(f"{'':>{LEFT - 6}}… {step.gap_s:.1f} s".ljust(LEFT) if not middles else _pause(step, middles))
        lines.append(_arrow(step, middles))
    if ladder.left_out:
        lines.append(f"… {ladder.left_out} more not drawn")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _label(step: Step) -> str:
    return f"{step.label} (again)" if step.repeat else step.label


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


def _arrow(step: Step, middles: list[int]) -> str:
    line = _bars(middles)
    head = f"{step.at_s:10.3f}  {step.place}".ljust(LEFT)[:LEFT]
    start, end = middles[step.source], middles[step.target]
    low, high = min(start, end), max(start, end)
    label = _label(step)
    if low == high:  # a host that talks to itself
        return head + "".join(line[LEFT:]) + f"  (itself) {label}"
    stroke = "~" if step.repeat else "=" if step.kind == "media" else "-"
    room = high - low - 3
    shown = label if len(label) <= room - 2 else label[: room - 3] + "…"
    line[low + 1 : high] = list(f" {shown} ".center(high - low - 1, stroke))
    if end > start:
        line[high - 1] = ">"
    else:
        line[low + 1] = "<"
    return head + "".join(line[LEFT:])
