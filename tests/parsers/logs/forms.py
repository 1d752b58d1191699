"""The forms in which blocks of logs are read: numpy, and the kernel as Python and compiled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest

from parsers.logs import engine
from parsers.logs.format import LogFormat
from parsers.logs.layout import Layouts
from parsers.logs.passes import Compiled, Passes
from parsers.logs.vector import Vector
from tests import built

KERNEL = "parsers.logs.kernel"


def kernels() -> dict[str, ModuleType]:
    """The kernel as Python and, where it can be built, compiled."""
    found = {"interpreted": built.interpreted(KERNEL)}
    compiled = built.compiled(KERNEL)
    return found if compiled is None else found | {"compiled": compiled}


def forms(form: LogFormat) -> dict[str, Passes]:
    """Each form, for a file of a format."""
    out: dict[str, Passes] = {"numpy": Vector(form, Layouts(form))}
    return out | {name: Compiled(form, Layouts(form), kernel) for name, kernel in kernels().items()}


@contextmanager
def reading_by(name: str) -> Iterator[None]:
    """Logs are read by one form."""

    def chosen(form: LogFormat, layouts: Layouts) -> Any:
        return Vector(form, layouts) if name == "numpy" else Compiled(form, layouts, kernels()[name])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "passes", chosen)
        yield
