"""Derived facts of a call that need its other leg through the PBX; each is defined in docs/facts.md."""

from __future__ import annotations

from parsers.capture.calls import CallState


def derive(states: list[CallState]) -> None:
    """Fill ``transcoded``, ``other_codec`` and ``hairpin``. The calls are linked, and their own derived facts are there."""
    by_id = {state.row.call_id: state for state in states}
    for state in states:
        d = state.row.derived
        legs = [by_id[call_id].row.derived for call_id in state.row.linked if call_id in by_id]
        others = [leg["codec"] for leg in legs if leg["codec"]]
        d["other_codec"] = others[0] if others else None
        d["transcoded"] = any(codec != d["codec"] for codec in others) if others and d["codec"] else None
        d["hairpin"] = any(
            d["trunk"] is not None and d["trunk"] == leg["trunk"] and d["to_trunk"] is not leg["to_trunk"]
            for leg in legs
        )
