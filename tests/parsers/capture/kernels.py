"""Both forms of the capture kernels: as they are, and compiled."""

from __future__ import annotations

from functools import cache

import pytest

from parsers.capture.walk_reader import Kernels
from tests import built

NAMES = ("parsers.capture.kernel", "parsers.capture.kernel_rtp")


@cache
def interpreted() -> Kernels:
    """The kernels as Python."""
    return Kernels(*map(built.interpreted, NAMES))


@cache
def compiled_or_none() -> Kernels | None:
    """The kernels as compiled modules; null where there is no compiler or no Cython."""
    packets, streams = map(built.compiled, NAMES)
    return None if packets is None or streams is None else Kernels(packets, streams)


def compiled() -> Kernels:
    """The kernels as compiled modules; the test is skipped where there is no compiler or no Cython."""
    kernels = compiled_or_none()
    if kernels is None:
        pytest.skip("the kernels cannot be compiled here (no Cython or no C compiler)")
    return kernels
