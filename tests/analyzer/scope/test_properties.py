"""What holds for every case, whatever is known of it."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from analyzer.scope import Judged, ScopeInput, judge
from analyzer.scope.engine import Engine
from analyzer.scope.judge import situation_of
from analyzer.scope.way_back import WayBack
from analyzer.ticket import READERS, parse_ticket
from analyzer.ticket_values import EDITIONS, HOSTINGS, PARTNER_TIERS, PROBLEMS, REQUESTS
from parsers.facts import Facts
from tests.analyzer.scope import making
from tests.analyzer.scope.making import MAKERS, POLICY, TICKET, finding

SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

PHONES = ("phone", "stun", "maybe-stun", "sbc", "eol", "believed-eol", "marked", "dropped", "unknown", "listed", "custom", "dedicated")  # fmt: skip
OTHERS = ("trunk", "generic", "unknown-trunk", "stock-trunk", "gateway", "crm", "unknown-crm", "off-crm", "teams")
YES_NO = st.sampled_from([True, False, None])

TICKETS = st.fixed_dictionaries(
    {
        "partner_tier": st.sampled_from([*PARTNER_TIERS, None]),
        "hosting": st.sampled_from([*HOSTINGS, None]),
        "edition": st.sampled_from([*EDITIONS, None]),
        "simultaneous_calls": st.sampled_from([4, 16, 64, 96, None]),
        "extensions": st.sampled_from([8, 34, None]),
        "problem": st.sampled_from([*PROBLEMS, None]),
        "requests": st.sampled_from([None, None, None, *([kind] for kind in REQUESTS)]),
        "involves": st.sampled_from([None, ["ext:231"], ["ext:299"], ["trunk:10000"], ["phone:805ec00000e8"], ["integration:Larch"]]),
        "requester_is_admin": YES_NO,
        "license_nfr": YES_NO,
        "vendor_contacted": YES_NO,
        "replicated_on_hosted": YES_NO,
        "license_key": st.sampled_from([making.KEY, None]),
        "description": st.sampled_from(["Text", None]),
        "steps_before": st.sampled_from(["Text", None]),
        "reproduction": st.sampled_from(["Text", None]),
        "systems": st.sampled_from([1, 2, None]),
    }
)  # fmt: skip
FINDINGS = st.lists(
    st.sampled_from(
        [
            ("NAT-03", "audio", "high"),
            ("MED-05", "audio", "medium"),
            ("SYS-01", "os", "critical"),
            ("SEC-01", "fraud", "high"),
            ("TRK-07", "trunk", "high"),
            ("NAT-10", "network", "info"),
        ]
    ),
    max_size=2,
    unique=True,
)


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    """Arguments of `making.given`."""
    phones = draw(st.lists(st.sampled_from(PHONES), max_size=3))
    others = draw(st.lists(st.sampled_from(OTHERS), max_size=2, unique=True))
    rows = [MAKERS[kind](str(231 + place)) for place, kind in enumerate(phones)] + [MAKERS[kind]() for kind in others]
    return {
        "ticket": draw(TICKETS),
        "rows": rows,
        "system": {
            "simultaneous_calls": None,
            "extensions": None,
            "verbose_logs": draw(st.sampled_from(["yes", "no", "unknown", None])),
        },
        "fields": {"outdated": draw(st.sampled_from([True, False])), "has_logs": draw(st.booleans())},
        "findings": [finding(code, areas=[area], severity=severity) for code, area, severity in draw(FINDINGS)],
    }


def made(case: dict[str, Any]) -> ScopeInput:
    """The input of a case."""
    return making.given(**case)


def judged(case: dict[str, Any]) -> Judged:
    """The verdict on a case."""
    return judge(POLICY, made(case))


def with_key(case: dict[str, Any], key: str, value: object) -> dict[str, Any]:
    """The same case with one key of the ticket changed."""
    return case | {"ticket": case["ticket"] | {key: value}}


WORSE: list[tuple[str, Any]] = [
    ("requests", ["cfd"]),
    ("license_nfr", True),
    ("requester_is_admin", False),
    ("outdated", True),
    ("row", "stun 239"),
    ("row", "generic 10077"),
    ("finding", "NAT-03"),
]


@SETTINGS
@given(case=cases(), change=st.sampled_from(WORSE))
def test_adding_an_exclusion_brings_nothing_into_scope(case: dict[str, Any], change: tuple[str, Any]) -> None:
    before = judged(case).verdict
    assume(before.scope == "out_of_scope")
    kind, value = change
    if kind == "row":
        name, *words = value.split()
        case = case | {"rows": [*case["rows"], MAKERS[name](*words)]}
    elif kind == "finding":
        case = case | {"findings": [*case["findings"], finding(value)]}
    elif kind == "outdated":
        case = case | {"fields": case["fields"] | {"outdated": True}}
    elif kind == "requests":
        case = with_key(case, "requests", [*(case["ticket"]["requests"] or []), *value])
    else:
        case = with_key(case, kind, value)
    assert judged(case).verdict.scope == "out_of_scope"


@SETTINGS
@given(case=cases())
def test_a_way_back_leads_into_scope(case: dict[str, Any]) -> None:
    engine = Engine(POLICY)
    situation, _build = situation_of(POLICY, made(case))
    way = WayBack(engine, situation)
    steps = way.steps()
    scope = engine.scope(situation)
    if steps is None:
        assert scope != "in_scope"
        assert way.reason()
        return
    assert (steps == []) == (scope == "in_scope")
    moves = way.moves
    assert len(steps) == len(moves)
    after = situation
    for move in moves:
        after = after.changed(move.changes)
    assert engine.scope(after) == "in_scope"
    for left_out in moves:  # none of them is needless
        after = situation
        for move in moves:
            if move is not left_out:
                after = after.changed(move.changes)
        assert engine.scope(after) != "in_scope"


KNOWABLE: dict[str, list[Any]] = {
    "partner_tier": list(PARTNER_TIERS),
    "hosting": list(HOSTINGS),
    "edition": list(EDITIONS),
    "simultaneous_calls": [4, 16, 64, 65, 96],
    "requester_is_admin": [True, False],
    "license_nfr": [True, False],
    "vendor_contacted": [True, False],
    "license_key": [making.KEY],
    "description": ["Text"],
}


@SETTINGS
@given(case=cases(), key=st.sampled_from(sorted(KNOWABLE)))
def test_unknown_never_excludes(case: dict[str, Any], key: str) -> None:
    """What is out of scope with a fact unknown is out of scope whatever the fact is."""
    blank = with_key(case, key, None)
    assume(judged(blank).verdict.scope == "out_of_scope")
    for value in KNOWABLE[key]:
        assert judged(with_key(case, key, value)).verdict.scope == "out_of_scope"


@SETTINGS
@given(case=cases())
def test_replication_unknown_excludes_only_where_the_policy_says_until_yes(case: dict[str, Any]) -> None:
    blank = judged(with_key(case, "replicated_on_hosted", None)).verdict
    yes, no = (judged(with_key(case, "replicated_on_hosted", value)).verdict.scope for value in (True, False))
    if blank.scope == "out_of_scope":
        assert "out_of_scope" in (yes, no)
    if blank.scope == "in_scope":
        assert yes == "in_scope"


ANSWERS: dict[str, dict[str, Any]] = {
    "simultaneous_calls": {"4": 4, "5 to 64": 64, "more than 64": 96},
    "license_key": {"yes": making.KEY},
    "description": {"yes": "Text"},
    "steps_before": {"yes": "Text"},
    "reproduction": {"yes": "Text"},
}
"""Answers by name where they are no yes, no or word of the ticket."""


@SETTINGS
@given(case=cases())
def test_an_answer_gives_the_verdict_that_was_announced(case: dict[str, Any]) -> None:
    verdict = judged(case).verdict
    for item in verdict.missing:
        if item.fact not in READERS:
            continue
        for answer in item.answers:
            value: Any = ANSWERS.get(item.fact, {}).get(answer.answer, answer.answer)
            if item.fact == "problem":
                if answer.answer == "no":
                    continue
                value = judged(case).problem.area
            if answer.answer == "no" and item.fact in ANSWERS:
                value = None
            assert judged(with_key(case, item.fact, value)).verdict.scope == answer.scope, (item, answer)


PHONE_ANSWERS = {
    "yes": {"standing": "supported", "status": "supported", "template_type": "Supported"},
    "no": {"standing": "marked_unsupported", "status": "unsupported"},
}


@SETTINGS
@given(case=cases(), answer=st.sampled_from(sorted(PHONE_ANSWERS)))
def test_what_is_found_out_of_a_phone_gives_the_verdict_that_was_announced(case: dict[str, Any], answer: str) -> None:
    def with_phone(**columns: Any) -> dict[str, Any]:
        about = case["ticket"] | {"problem": "phone", "involves": ["ext:239"]}
        return case | {"ticket": about, "rows": [*case["rows"], MAKERS["unknown"]("239", **columns)]}

    asked = [item for item in judged(with_phone()).verdict.missing if "extension 239" in item.what]
    (announced,) = (led.scope for item in asked for led in item.answers if led.answer == answer)
    assert judged(with_phone(**PHONE_ANSWERS[answer])).verdict.scope == announced


@SETTINGS
@given(case=cases(), seed=st.integers(0, 1000))
def test_order_of_inputs_does_not_matter(case: dict[str, Any], seed: int) -> None:
    other = dict(case)
    for name in ("rows", "findings"):
        other[name] = list(case[name])
        random.Random(seed).shuffle(other[name])
    one, two = judged(case), judged(other)
    assert one.verdict == two.verdict
    assert one.route == two.route
    assert one.findings == two.findings


@SETTINGS
@given(case=cases())
def test_needs_and_missing_are_one(case: dict[str, Any]) -> None:
    verdict = judged(case).verdict
    effects = {reason.effect for reason in verdict.reasons}
    asked = {reason.clause for reason in verdict.reasons if reason.effect == "requires"}
    assert asked == {item.clause for item in verdict.missing}
    if "excludes" in effects:
        assert verdict.scope == "out_of_scope"
    elif asked:
        assert verdict.scope == "needs_information"
    else:
        assert verdict.scope == "in_scope"
    assert ("ticket.unsupported-fee" in {r.clause for r in verdict.reasons}) == (verdict.scope == "out_of_scope")


@SETTINGS
@given(case=cases())
def test_installation_does_not_hang_on_the_ticket(case: dict[str, Any]) -> None:
    """Nothing that only a ticket can say changes what the installation alone gives."""
    only = {"hosting", "edition", "simultaneous_calls", "extensions", "license_key", "license_nfr"}
    bare = case | {"ticket": {k: v if k in only else None for k, v in (TICKET | case["ticket"]).items()}}
    assert judged(case).verdict.installation == judged(bare).verdict.installation


def test_nothing_at_all() -> None:
    given_nothing = making.given(
        ticket_given=False,
        rows=[],
        system=dict.fromkeys(making.SYSTEM),
        fields=dict.fromkeys(making.FIELDS),
        artifacts=[],
    )
    given_nothing.ticket = parse_ticket({})
    given_nothing.facts = Facts()
    verdict = judge(POLICY, given_nothing).verdict
    assert verdict.scope == "needs_information"
    assert verdict.way_back
