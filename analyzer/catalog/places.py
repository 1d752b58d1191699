"""Where the user's own catalogues and the compiled forms lie."""

from __future__ import annotations

import os
import sys
from pathlib import Path

APP = "tcxtriage"


def cache_dir() -> Path:
    """The user's cache folder: ``TCXTRIAGE_CACHE``, else what the platform uses. It may not exist."""
    return _place("TCXTRIAGE_CACHE", "XDG_CACHE_HOME", ".cache", "Library/Caches") / "catalog"


def user_dir() -> Path:
    """The folder of catalogues that the user imported: ``TCXTRIAGE_DATA``, else what the platform uses."""
    return _place("TCXTRIAGE_DATA", "XDG_DATA_HOME", ".local/share", "Library/Application Support") / "catalog"


def _place(own: str, xdg: str, linux: str, mac: str) -> Path:
    if given := os.environ.get(own):
        return Path(given)
    if given := os.environ.get(xdg):
        return Path(given) / APP
    if sys.platform == "win32" and (given := os.environ.get("LOCALAPPDATA")):
        return Path(given) / APP
    try:
        home = Path.home()
    except RuntimeError:  # no home: a service account
        home = Path.cwd()
    return home / (mac if sys.platform == "darwin" else linux) / APP
