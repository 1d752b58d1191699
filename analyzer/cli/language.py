"""``--lang``: the language of what a verb writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from analyzer.i18n import LANGUAGES, code_of

F = TypeVar("F", bound=Callable[..., Any])


def _checked(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    code = code_of(value)
    if code is None:
        raise click.BadParameter(f"{value!r} is not one of {', '.join(LANGUAGES)}.", ctx, param)
    return code


def lang_option(default: str) -> Callable[[F], F]:
    """The option; ``default`` says in words what holds without it."""
    return click.option("--lang", metavar="L", callback=_checked, help=f"Language: {' '.join(LANGUAGES)} (default: {default}).")  # fmt: skip
