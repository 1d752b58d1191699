from __future__ import annotations

import gc

import pytest

from parsers import collecting
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


@pytest.mark.parametrize("made", [10, 3000])
def test_what_was_read_is_not_looked_through_at_once(made: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "MANY", 2000)
    gc.collect()
    before = gc.get_freeze_count()
    try:
        with without_collecting():
            kept = [[number] for number in range(made)]
        assert len(kept) == made
        assert (gc.get_freeze_count() > before) is (made > 2000)
    finally:
        gc.unfreeze()
