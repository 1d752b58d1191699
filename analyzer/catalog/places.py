"""Where the user's own catalogues lie."""

from __future__ import annotations

import os
import sys
from pathlib import Path

APP = "tcxtriage"


def user_dir() -> Path:
    """The folder of catalogues that the user imported: ``TCXTRIAGE_DATA``, else what the platform uses."""
    return _base() / "catalog"


def _base() -> Path:
    if given := os.environ.get("TCXTRIAGE_DATA"):
        return Path(given)
    if given := os.environ.get("XDG_DATA_HOME"):
        return Path(given) / APP
    if sys.platform == "win32" and (given := os.environ.get("LOCALAPPDATA")):
        return Path(given) / APP
    try:
        home = Path.home()
    except RuntimeError:  # no home: a service account
        home = Path.cwd()
    return home / ("Library/Application Support" if sys.platform == "darwin" else ".local/share") / APP
