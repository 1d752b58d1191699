from __future__ import annotations

import pytest

from tests.parsers.capture.scenario import PHONE, Scenario

TIMER_F = (0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5)


def registered(*times: float, granted: int = 60, end: float = 0) -> Scenario:
    """A phone that asks for an hour at these times and is granted so many seconds each time; the capture goes on to ``end``."""
    s = Scenario(from_user="101", to_user="101")
    for cseq, at in enumerate(times, 1):
        ask(s, at, cseq)
        s.response(at + 0.1, 200, "REGISTER", cseq, headers=f"Contact: <sip:101@{PHONE}>;expires={granted}\n")
    s.send(max(end, times[-1] + 0.2), "192.0.2.88:9", "192.0.2.89:9", b"x")
    return s


def ask(s: Scenario, at: float, cseq: int, *repeats: float) -> None:
    for later in repeats or (0,):
        s.request(at + later, "REGISTER", cseq, headers="Expires: 3600\n")


def facts(s: Scenario) -> tuple[object, ...]:
    found = s.read().registration.derived
    return tuple(found[name] for name in ("late_renewals", "longest_gap_s", "not_renewed", "renewal_unanswered"))


@pytest.mark.parametrize(
    ("times", "wanted"),
    [
        ((0, 50, 100), (0, None, False, False)),
        # a second of grace
        ((0, 61.0, 122.0), (0, None, False, False)),
        ((0, 61.5, 100), (1, 1.4, False, False)),
        ((0, 1800, 3600), (2, 1739.9, False, False)),
    ],
)
def test_renewals_that_come_too_late(times: tuple[float, ...], wanted: tuple[object, ...]) -> None:
    s = registered(*times)
    assert facts(s) == wanted
    if wanted[0]:
        # the REGISTER that came too late, not the one before it
        assert s.read().registration.source_of("late_renewals").frame == 3


def test_removed_registrations_do_not_run_out() -> None:
    assert facts(registered(0, 1800, granted=0)) == (0, None, None, False)


def test_renewal_in_vain_is_not_the_phones_fault() -> None:
    s = registered(0, end=200)
    ask(s, 50, 2, *TIMER_F)
    ask(s, 100, 3, *TIMER_F)
    assert facts(s) == (0, None, False, True)
    row = s.read().registration
    assert (row.status, row.source_of("renewal_unanswered").frame) == ("registered", 3)


def test_renewal_in_vain_that_came_too_late_is() -> None:
    s = registered(0, end=200)
    ask(s, 120, 2, *TIMER_F)
    assert facts(s) == (1, 59.9, True, True)


def test_renewal_that_is_answered_soon_or_whose_answer_is_not_awaited() -> None:
    s = registered(0, end=80)
    ask(s, 50, 2, 0, 0.5, 1.5)
    assert facts(s)[3] is False
    s = registered(0, end=200)
    ask(s, 50, 2, *TIMER_F)
    ask(s, 100, 3)
    s.response(100.1, 200, "REGISTER", 3, headers=f"Contact: <sip:101@{PHONE}>;expires=60\n")
    assert facts(s)[3] is False
