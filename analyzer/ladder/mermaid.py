"""A ladder as a Mermaid sequence diagram, for tickets and wikis that draw them."""

from __future__ import annotations

from analyzer.ladder.model import Ladder

_ESCAPED = {char: f"#{ord(char)};" for char in "#;:<>\"'`&{}[]()%\\|"}


def render(ladder: Ladder) -> str:
    """Mermaid text; whatever could be syntax in a label stands as a character code."""
    lines = ["sequenceDiagram", f"  %% {_plain(ladder.title)}", f"  %% {_plain(ladder.summary)}"]
    for index, party in enumerate(ladder.parties):
        name = f"{_text(party.host)}<br/>{_text(party.name)}" if party.name else _text(party.host)
        lines.append(f"  participant p{index} as {name}")
    for step in ladder.steps:
        if step.waited:
            lines.append(f"  Note over p{step.source}: … {step.gap_s:.1f} s")
        arrow = "-)" if step.kind == "media" else "--x" if step.repeat else "-->>" if step.kind != "request" else "->>"
        again = " #40;again#41;" if step.repeat else ""
        lines.append(f"  p{step.source}{arrow}p{step.target}: {step.at_s:.3f} {_text(step.label)}{again}")
    if ladder.left_out:
        lines.append(f"  %% {ladder.left_out} more not drawn")
    return "\n".join(lines) + "\n"


def _text(text: str) -> str:
    return "".join(_ESCAPED.get(char, char) for char in text)


def _plain(text: str) -> str:
    return text.replace("{", "(").replace("}", ")")
