from __future__ import annotations

import gc

import pytest

from parsers.collecting import without_collecting


def test_garbage_is_looked_for_again_afterwards() -> None:
    @without_collecting()
    def work(number: int) -> int:
        assert not gc.isenabled()
        return 10 // number

    assert gc.isenabled()
    assert work(5) == 2
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError):
        work(0)
    assert gc.isenabled()


def test_who_has_switched_it_off_finds_it_off() -> None:
    gc.disable()
    try:
        with without_collecting():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
