"""A ladder as a Mermaid sequence diagram, for tickets and wikis that draw them."""

from __future__ import annotations

from analyzer.ladder.labels import clean
from analyzer.ladder.model import Ladder, Step

TEXT_LIMIT = 48_000
"""Mermaid draws no diagram of more than 50 000 characters."""
NAME_LIMIT = 50
_ESCAPED = {char: f"#{ord(char)};" for char in "#;:<>\"'`&{}[]()%\\|"}


def render(ladder: Ladder) -> str:
    """Mermaid text; whatever could be syntax in a label stands as a character code."""
    lines = ["sequenceDiagram", *(f"  %% {_plain(line)}" for line in (ladder.title, ladder.summary, *ladder.notes))]
    for index, party in enumerate(ladder.parties):
        name = f"{_text(party.host)}<br/>{_text(clean(party.name, NAME_LIMIT))}" if party.name else _text(party.host)
        lines.append(f"  participant p{index} as {name}")
    if ladder.parties and ladder.notes:
        over = "p0" if len(ladder.parties) == 1 else f"p0,p{len(ladder.parties) - 1}"
        lines.append(f"  Note over {over}: {_text(ladder.notes[0])}")
    used, left_out = sum(map(len, lines)) + len(lines), ladder.left_out
    for index, step in enumerate(ladder.steps):
        drawn = _step(step)
        used += sum(map(len, drawn)) + len(drawn)
        if used > TEXT_LIMIT:
            left_out += len(ladder.steps) - index
            break
        lines += drawn
    if left_out:
        lines.append(f"  %% {left_out} more not drawn")
        if ladder.parties:
            lines.append(f"  Note over p0: {left_out} more not drawn")
    return "\n".join(lines) + "\n"


def _step(step: Step) -> list[str]:
    arrow = "-)" if step.kind == "media" else "--x" if step.repeat else "-->>" if step.kind != "request" else "->>"
    place = f"{_text(step.place)} " if step.frame else ""
    line = f"  p{step.source}{arrow}p{step.target}: {step.at_s:.3f} {place}{_text(step.says)}"
    return [f"  Note over p{step.source}: … {step.gap_s:.1f} s", line] if step.waited else [line]


def _text(text: str) -> str:
    return "".join(_ESCAPED.get(char, char) for char in text)


def _plain(text: str) -> str:
    return text.replace("{", "(").replace("}", ")")
