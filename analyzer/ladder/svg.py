"""A ladder as one self-contained SVG picture: no script, no font, nothing loaded from elsewhere; all text escaped."""

from __future__ import annotations

from html import escape
from unicodedata import east_asian_width

from analyzer.ladder.model import Ladder, Step

LEFT, ROW, LETTER = 150, 26, 7
"""Where the first party's room begins, height of an arrow, width of a letter."""
NARROW, MIDDLING, WIDE = 240, 320, 480
NAME = 40
FEW = 3
"""So many parties may stand far apart."""
HEADS = 44
"""Height of the names of the parties."""
AGAIN = 40
"""They stand there anew after so many arrows."""
_COLOURS = {
    # by kind: on white, on black
    "request": ("#1f4e8c", "#8ab8f2"),
    "provisional": ("#5b6470", "#a4afba"),
    "success": ("#1d6b3a", "#72cf95"),
    "failure": ("#a8201a", "#ff938a"),
    "media": ("#7a4b00", "#e3ab5c"),
}


_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#1c2127;stroke:#fff;stroke-width:3px;paint-order:stroke}"
    ".t{font-weight:600;font-size:14px}.s,.g{fill:#5b6470}.g{font-size:11px}.p{fill:#fff}.b{stroke:#c3cad1}"
    "line{stroke-width:1.4}.r line{stroke-dasharray:5 4}.media line{stroke-width:4;stroke-opacity:.55}"
)
_DARK = "text{fill:#e6eaee;stroke:#15191e}.s,.g{fill:#a4afba}.p{fill:#15191e}.b{stroke:#3c4650}"


def _style() -> str:
    def colours(ground: int) -> str:
        return "".join(
            f".{kind}{{stroke:{c[ground]}}}.{kind} polygon{{fill:{c[ground]}}}" for kind, c in _COLOURS.items()
        )

    return f"{_STYLE}{colours(0)}@media(prefers-color-scheme:dark){{{_DARK}{colours(1)}}}"


def render(ladder: Ladder) -> str:
    """The picture as XML text, in light or dark as the reader's screen is."""
    lines = [ladder.summary, *ladder.notes]
    top = 30 + 18 * len(lines) + 8
    column = _column(ladder)
    width = LEFT + column * max(len(ladder.parties), 2)
    body, height = _body(ladder, top, column)
    said = escape(". ".join((*lines, f"{len(ladder.steps)} arrows")))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">',
        f"<title>{escape(ladder.title)}</title><desc>{said}</desc><style>{_style()}</style>",
        f'<rect class="p" width="{width}" height="{height}"/>',
        _text("t", 12, 24, _cut(ladder.title, width // 9)),
        *(_text("s", 12, 44 + 18 * index, _cut(line, width // 7)) for index, line in enumerate(lines)),
    ]
    for index in range(len(ladder.parties)):
        x = _middle(index, column)
        parts.append(f'<line class="b" x1="{x}" y1="{top + HEADS - 6}" x2="{x}" y2="{height - 8}"/>')
    return "".join([*parts, *body, "</svg>\n"])


def _column(ladder: Ladder) -> int:
    """Room between two parties: what the labels want, within bounds."""
    wanted = [len(step.says) // max(abs(step.target - step.source), 1) for step in ladder.steps]
    wanted += [min(len(party.name), NAME) for party in ladder.parties]
    return max(NARROW, min(max(wanted, default=0) * LETTER + 24, WIDE if len(ladder.parties) <= FEW else MIDDLING))


def _body(ladder: Ladder, top: int, column: int) -> tuple[list[str], int]:
    """Names and arrows, and how far down they reach."""
    parts: list[str] = []
    y = top
    if not ladder.steps:
        return _heads(ladder, y, column), y + HEADS + ROW
    for index, step in enumerate(ladder.steps):
        if index % AGAIN == 0:
            parts += _heads(ladder, y, column)
            y += HEADS + ROW // 2
        if step.waited:
            parts.append(_text("g", LEFT - 12, y + 4, f"… {step.gap_s:.1f} s", "end"))
            y += ROW
        parts += _arrow(step, y, column)
        y += ROW
    if ladder.left_out:
        parts.append(_text("s", 12, y, f"… {ladder.left_out} more not drawn"))
        y += ROW
    return parts, y


def _heads(ladder: Ladder, y: int, column: int) -> list[str]:
    parts: list[str] = []
    for index, party in enumerate(ladder.parties):
        x = _middle(index, column)
        whole = f"<title>{escape(f'{party.host} {party.name}'.strip())}</title>"
        # a ground of its own: the lines of the parties run behind it
        parts += [
            f'<g>{whole}<rect class="p" x="{x - column // 2 + 4}" y="{y}" width="{column - 8}" height="{HEADS - 6}"/>',
            _text("t", x, y + 15, _cut(party.host, column // 9), "middle"),
            _text("s", x, y + 31, _cut(party.name, column // LETTER), "middle"),
            "</g>",
        ]
    return parts


def _middle(index: int, column: int) -> int:
    return LEFT + column // 2 + column * index


def _text(kind: str, x: int, y: int, text: str, anchor: str = "") -> str:
    where = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text class="{kind}" x="{x}" y="{y}"{where}>{escape(text)}</text>'


def _cut(text: str, room: int) -> str:
    """What fits into so many letters; those of East Asia take two."""
    used = 0
    for index, char in enumerate(text):
        used += 2 if east_asian_width(char) in "WF" else 1
        if used > room:
            return text[: max(index - 1, 0)] + "…"
    return text


def _arrow(step: Step, y: int, column: int) -> list[str]:
    start, end = _middle(step.source, column), _middle(step.target, column)
    itself = start == end
    if itself:
        end = start + 40
    back = -8 if end > start else 8
    head = f"{end},{y} {end + back},{y - 4} {end + back},{y + 4}"
    when = f"{step.at_s:.3f}  {step.place}" if step.frame else f"{step.at_s:.3f}"
    room = (column * max(abs(step.target - step.source), 1) - 12) // LETTER
    x, anchor = (end + 6, "start") if itself else ((start + end) // 2, "middle")
    return [
        f'<g class="{step.kind}{" r" if step.repeat else ""}"><title>{escape(step.says)}</title>',
        _text("g", LEFT - 12, y + 4, when, "end"),
        f'<line x1="{start}" y1="{y}" x2="{end}" y2="{y}"/><polygon points="{head}"/>',
        _text("l", x, y + 4 if itself else y - 5, _cut(step.says, room), anchor),
        "</g>",
    ]
