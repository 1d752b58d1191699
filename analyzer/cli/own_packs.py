"""Folders with signatures of one's own: those of ``--signatures``, and the standing ones of the configuration file.

# ~/.config/tcxtriage/config.yaml
signatures: [/srv/tcxtriage/ours, partner-pack]
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

APP = "tcxtriage"
FILE = "config.yaml"
KEY = "signatures"
SIZE_LIMIT = 1 << 20


def signatures_option() -> Callable[[Any], Any]:
    """The option ``--signatures``; what it gives holds the folders of the configuration file before its own."""
    return click.option(
        "--signatures",
        "packs",
        multiple=True,
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        callback=_with_configured,
        help="Folder with further signatures; may be repeated.",
    )


def config_file() -> Path | None:
    """``TCXTRIAGE_CONFIG``, else ``config.yaml`` where the platform keeps configuration; null without a home."""
    if given := os.environ.get("TCXTRIAGE_CONFIG"):
        return Path(given)
    if given := os.environ.get("XDG_CONFIG_HOME"):
        return Path(given) / APP / FILE
    if sys.platform == "win32" and (given := os.environ.get("APPDATA")):
        return Path(given) / APP / FILE
    try:
        home = Path.home()
    except RuntimeError:  # no home: a service account
        return None
    return home / ("Library/Application Support" if sys.platform == "darwin" else ".config") / APP / FILE


def configured() -> tuple[Path, ...]:
    """The folders that the configuration file names, beside the file where they are relative.

    Raises `click.UsageError` for a file that cannot be read and for what it does not know.
    """
    path = config_file()
    try:
        if path is None or not path.is_file():
            return ()
        with path.open("rb") as file:
            raw = file.read(SIZE_LIMIT)
    except OSError as error:
        raise click.UsageError(f"{path}: cannot be read: {error.strerror}") from error
    import yaml

    try:
        found = yaml.load(raw, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise click.UsageError(f"{path}: is no YAML: {error}") from error
    data = {} if found is None else found
    if not isinstance(data, dict) or set(data) - {KEY}:
        raise click.UsageError(f"{path}: the only key is {KEY!r}")
    folders = data.get(KEY) or []
    if not isinstance(folders, list) or not all(isinstance(folder, str) for folder in folders):
        raise click.UsageError(f"{path}: {KEY!r} is a list of folders")
    known = tuple(path.parent / Path(folder).expanduser() for folder in folders)
    for folder in known:
        if not folder.is_dir():
            raise click.UsageError(f"{path}: {folder} is no folder")
    return known


def _with_configured(_: click.Context, __: click.Parameter, value: tuple[Path, ...]) -> tuple[Path, ...]:
    return (*configured(), *value)
