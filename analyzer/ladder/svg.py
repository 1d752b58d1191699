"""A ladder as one self-contained SVG picture: no script, no font, nothing loaded from elsewhere; all text escaped."""

from __future__ import annotations

from html import escape

from analyzer.ladder.model import Ladder, Step

LEFT, COLUMN, TOP, ROW = 130, 260, 96, 26
_COLOURS = {
    "request": "#1f4e8c",
    "provisional": "#5b6470",
    "success": "#1d6b3a",
    "failure": "#a8201a",
    "media": "#7a4b00",
}
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#1c2127}.t{font-weight:600;font-size:14px}.s,.g{fill:#5b6470}"
    ".g{font-size:11px}line{stroke-width:1.4}.b{stroke:#c3cad1}.r{stroke-dasharray:5 4}.m{stroke-width:4;opacity:.55}"
)


def render(ladder: Ladder) -> str:
    """The picture as XML text."""
    width = LEFT + COLUMN * max(len(ladder.parties), 1)
    rows = sum(2 if step.waited else 1 for step in ladder.steps) + bool(ladder.left_out)
    height = TOP + ROW * (rows + 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">',
        f"<title>{escape(ladder.title)}</title><desc>{escape(ladder.summary)}</desc><style>{_STYLE}</style>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text class="t" x="12" y="22">{escape(_cut(ladder.title, width // 9))}</text>',
        f'<text class="s" x="12" y="42">{escape(_cut(ladder.summary, width // 7))}</text>',
    ]
    for index, party in enumerate(ladder.parties):
        x = _middle(index)
        parts.append(f'<text class="t" x="{x}" y="66" text-anchor="middle">{escape(party.host)}</text>')
        parts.append(f'<text class="s" x="{x}" y="82" text-anchor="middle">{escape(_cut(party.name, 38))}</text>')
        parts.append(f'<line class="b" x1="{x}" y1="{TOP - 8}" x2="{x}" y2="{height - 8}"/>')
    y = TOP + ROW // 2
    for step in ladder.steps:
        if step.waited:
            parts.append(f'<text class="g" x="{LEFT - 12}" y="{y}" text-anchor="end">… {step.gap_s:.1f} s</text>')
            y += ROW
        parts += _arrow(step, y)
        y += ROW
    if ladder.left_out:
        parts.append(f'<text class="s" x="12" y="{y}">… {ladder.left_out} more not drawn</text>')
    return "".join([*parts, "</svg>\n"])


def _middle(index: int) -> int:
    return LEFT + COLUMN // 2 + COLUMN * index


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"


def _arrow(step: Step, y: int) -> list[str]:
    start, end = _middle(step.source), _middle(step.target)
    colour = _COLOURS[step.kind]
    style = " ".join(name for name, wanted in (("r", step.repeat), ("m", step.kind == "media")) if wanted)
    label = f"{step.label} (again)" if step.repeat else step.label
    span = max(abs(step.target - step.source), 1)
    if start == end:
        end = start + 40
    back = -8 if end > start else 8
    head = f"{end},{y} {end + back},{y - 4} {end + back},{y + 4}"
    when = f"{step.at_s:.3f}  {step.place}" if step.frame else f"{step.at_s:.3f}"
    return [
        f'<g><title>{escape(label)}</title><text class="g" x="{LEFT - 12}" y="{y + 4}" text-anchor="end">{when}</text>',
        f'<line class="{style}" x1="{start}" y1="{y}" x2="{end}" y2="{y}" stroke="{colour}"/>',
        f'<polygon points="{head}" fill="{colour}"/>',
        f'<text x="{(start + end) // 2}" y="{y - 4}" text-anchor="middle">{escape(_cut(label, 38 * span))}</text></g>',
    ]
