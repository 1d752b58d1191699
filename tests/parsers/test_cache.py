"""Compiled forms in the user's cache folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from parsers import cache


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TCXTRIAGE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_what_was_written_is_read(place: Path) -> None:
    cache.write("pack", "a", b"content")
    assert cache.read("pack", "a") == b"content"
    assert cache.read("scan", "a") is None
    assert [path.name for path in place.iterdir()] == ["a.pack"]


@pytest.mark.parametrize("damage", [b"", b"x", b"x" * 40])
def test_a_damaged_form_is_not_there(place: Path, damage: bytes) -> None:
    cache.write("pack", "a", b"content")
    (place / "a.pack").write_bytes(damage)
    assert cache.read("pack", "a") is None


def test_old_forms_of_the_same_sort_go(place: Path) -> None:
    cache.write("scan", "other", b"x")
    for number in range(cache.KEEP + 5):
        cache.write("pack", f"{number:02d}", b"x")
        os.utime(place / f"{number:02d}.pack", (number, number))
    cache.write("pack", "last", b"x")
    names = sorted(path.name for path in place.glob("*.pack"))
    assert len(names) == cache.KEEP
    assert names[-1] == "last.pack"
    assert "00.pack" not in names
    assert (place / "other.scan").exists()


def test_no_place_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TCXTRIAGE_CACHE", str(tmp_path / "file" / "below"))
    cache.write("pack", "a", b"content")
    assert cache.read("pack", "a") is None


def test_where_caches_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TCXTRIAGE_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    monkeypatch.setattr(sys, "platform", "linux")
    assert cache.folder() == Path("/somewhere/tcxtriage")
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    assert cache.folder() == Path("/local/tcxtriage/Cache")
    monkeypatch.delenv("LOCALAPPDATA")
    assert cache.folder() is None


def test_keys_tell_parts_apart() -> None:
    assert cache.key("ab", "c") != cache.key("a", "bc")
    assert cache.key("a", b"b") == cache.key("a", "b")
