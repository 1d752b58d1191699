"""The page in a real browser: it is whole, and nothing that a stranger wrote runs."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.analyzer.report.test_html import page
from tests.analyzer.report.test_text import finding

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
EVIL = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"><style>body{display:none}</style>"


def dom(path: Path, profile: Path) -> str:
    """The page's tree after all that could run has run."""
    assert CHROMIUM
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync")
    quiet = ("--disable-background-networking", "--disable-component-update", f"--user-data-dir={profile}")
    command = [CHROMIUM, *flags, *quiet, "--virtual-time-budget=2000", "--dump-dom", path.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.real
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_strangers_markup_is_shown_and_does_not_run(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(page(findings=[finding(EVIL)]), encoding="utf-8")
    tree = dom(path, tmp_path / "profile")
    assert "<title>owned" not in tree
    assert "needs information" in tree.lower()
    assert "&lt;script&gt;document.title='owned'&lt;/script&gt;" in tree
    assert "<img" not in tree
