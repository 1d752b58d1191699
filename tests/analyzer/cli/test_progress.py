"""Progress is one line, only on a terminal."""

from __future__ import annotations

import io
import re
import sys

import pytest

from analyzer.cli import progress as shown_by
from analyzer.cli.progress import reading


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_no_terminal_no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with reading() as progress:
        assert progress is None


def test_progress_never_wraps_and_obeys_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(shown_by, "PATIENCE", 0)
    with reading() as progress:
        assert progress is not None
        for name in ("a" * 300, "x\x1b[2J.log", "[bold]y[/bold].log"):
            progress(name, 1_000, 2_000_000)
    shown = re.sub(r"\x1b\[[0-9;?]*[hlmAK]", "", terminal.getvalue())
    assert "\x1b" not in shown
    assert "Reading" in shown
    assert all(len(line.strip()) <= 60 for line in re.split(r"[\r\n]", shown))


def test_what_is_done_at_once_shows_no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(shown_by, "PATIENCE", 3600)
    with reading() as progress:
        assert progress is not None
        progress("a.log", 0, 10)
    assert terminal.getvalue() == ""
