"""The PBX's table of parameters, whoever exported it: the configuration API or the database."""

from __future__ import annotations

from typing import Any

from parsers import lazy
from parsers.api import Sink
from parsers.config import values
from parsers.config.secret_keys import conceal, is_secret
from parsers.facts.base import Source
from parsers.facts.system import Setting

OBJECT = "Parameters"
_BARRED = "NOTALLOWED_COUNTRYCODES"
_CODE = lazy.pattern(r"\d{1,4}")
_LIST_LIMIT = 200_000


def holds_secret(name: str, description: Any) -> bool:  # noqa: ANN401 - a cell or a JSON value
    """Whether the value is a secret: the name or the description says so."""
    return is_secret(name) or "password" in str(description).lower()


def take_parameter(name: str, description: Any, value: Any, place: Source, out: Sink) -> None:  # noqa: ANN401 - as above
    """A setting; ``CountriesBarred`` counts the codes of a list that may be longer than a value. Secrets are handed over."""
    if holds_secret(name, description):
        conceal(value, out)
        return
    out.add(Setting(source=place, object=OBJECT, name=name, value=values.text(value)))
    if name == _BARRED and isinstance(value, str) and not values.masked(value):
        count = len(_CODE.findall(value[:_LIST_LIMIT]))
        out.add(Setting(source=place, object=OBJECT, name="CountriesBarred", value=count))
