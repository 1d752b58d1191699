"""The smallest set of actions after which a case is in scope."""

from __future__ import annotations

from typing import Any

from analyzer.scope import Judged
from tests.analyzer.scope.making import finding, generic_trunk, judged, phone, stun_phone, trunk, unknown_phone


def steps(result: Judged) -> list[tuple[str, str]]:
    """Clause and action of every step."""
    assert result.verdict.way_back is not None
    return [(step.clause, step.action) for step in result.verdict.way_back]


def test_empty_in_scope() -> None:
    assert steps(judged()) == []


def test_one_step_for_all_phones_of_a_kind() -> None:
    rows = [stun_phone("231"), stun_phone("232"), trunk()]
    assert steps(judged({"problem": "calls"}, without=["involves"], rows=rows)) == [
        (
            "excluded.stun-phones",
            "Provision Yealink T54W of extension 231, Yealink T54W of extension 232 through an SBC or a router phone, then retest.",
        )
    ]


def test_the_engine_is_asked_again() -> None:
    """Behind the STUN set-up of an unknown phone stands the question whether it is supported."""
    result = judged(
        {"problem": "phone", "involves": ["ext:233"]},
        without=["vendor_contacted"],
        rows=[unknown_phone("233", provision_type="stun", stun_confidence=95), phone("232")],
    )
    assert [clause for clause, _ in steps(result)] == [
        "prereq.vendor-first",
        "excluded.stun-phones",
        "excluded.unsupported-phones",
    ]


def test_one_action_for_two_clauses() -> None:
    rows = [phone(template_type="ThirdParty", standing="marked_unsupported", status="unsupported")]
    result = judged({"problem": "phone"}, rows=rows)
    assert {r.clause for r in result.verdict.reasons if r.effect == "excludes"} == {
        "excluded.custom-template",
        "excluded.unsupported-phones",
    }
    assert [clause for clause, _action in steps(result)] == ["excluded.custom-template"]
    about = {"problem": "trunk", "involves": ["trunk:10000"]}
    result = judged(about, rows=[trunk(template_type="Deleted", standing="marked", status="unsupported")])
    assert [clause for clause, _action in steps(result)] == ["excluded.custom-template"]


def test_the_real_licence_key_is_given_once() -> None:
    result = judged({"license_nfr": True}, without=["license_key"])
    strict = {r.clause for r in result.verdict.reasons if r.effect in ("excludes", "requires")}
    assert strict == {"ticket.no-nfr", "ticket.licence-key"}
    assert [clause for clause, _action in steps(result)] == ["ticket.no-nfr"]


def test_a_stock_template_makes_no_phone_younger() -> None:
    def clauses_of(standing: str, status: str) -> list[str]:
        rows = [
            phone(custom_template=True, template="larch.ph.xml", template_type=None, standing=standing, status=status)
        ]
        return [clause for clause, _action in steps(judged({"problem": "phone"}, rows=rows))]

    assert clauses_of("supported", "supported") == ["excluded.custom-template"]
    assert clauses_of("eol", "eol") == ["excluded.eol-phones"]
    assert clauses_of("believed_eol", "unknown") == ["excluded.eol-phones", "excluded.custom-template"]


def test_a_stock_template_makes_no_provider_supported() -> None:
    def clauses_of(standing: str) -> list[str]:
        row = trunk(custom_template=True, template_type=None, standing=standing, status="unsupported")
        about = {"problem": "trunk", "involves": ["trunk:10000"]}
        return [clause for clause, _action in steps(judged(about, rows=[row]))]

    assert clauses_of("generic") == ["excluded.custom-template"]
    assert clauses_of("unsupported") == ["excluded.unsupported-trunk", "excluded.custom-template"]
    assert clauses_of("dropped") == ["excluded.unsupported-trunk", "excluded.custom-template"]


def test_several_exclusions_and_what_is_missing() -> None:
    result = judged(
        {"problem": "calls", "license_nfr": True},
        without=["involves", "description"],
        rows=[stun_phone(), generic_trunk()],
        fields={"outdated": True},
    )
    assert [clause for clause, _ in steps(result)] == [
        "ticket.no-nfr",
        "ticket.description",
        "excluded.outdated",
        "excluded.stun-phones",
        "excluded.unsupported-trunk",
    ]


def test_one_answer_for_phone_and_trunk_names_both() -> None:
    result = judged({"problem": "calls"}, without=["involves", "vendor_contacted"])
    ((clause, action),) = steps(result)
    assert clause == "prereq.vendor-first"
    assert "the maker of Yealink T54W of extension 231" in action
    assert "the provider of trunk 10000 (Nordtel Voice, sip.nordtel.example)" in action


def test_what_the_findings_suggest_is_to_be_said() -> None:
    found = finding("SYS-01", areas=["os"], severity="critical")
    assert steps(judged(without=["problem", "involves"], findings=[found])) == [
        (
            "excluded.network-os",
            "Say what the problem is about (problem area). In scope where it is not what the findings suggest: operating system.",
        )
    ]


def test_an_open_question_names_the_good_answers() -> None:
    ((clause, action),) = steps(judged({"problem": "audio"}, without=["partner_tier"]))
    assert clause == "entitle.bronze"
    assert action.endswith("In scope with: end user, Silver, Gold, Platinum, Titanium.")


def test_network_is_lifted_by_replication() -> None:
    ((clause, action),) = steps(judged({"problem": "network"}, without=["replicated_on_hosted"]))
    assert clause == "excluded.network-os"
    assert "hosted by 3CX" in action


def test_the_own_network_is_mended_or_left() -> None:
    ((clause, action),) = steps(judged({"problem": "audio", "replicated_on_hosted": False}))
    assert clause == "excluded.network-os"
    assert "administrator of the network" in action


def none_because(**arguments: Any) -> str:
    """Why there is no way back."""
    verdict = judged(**arguments).verdict
    assert verdict.way_back is None
    assert verdict.way_back_reason
    return verdict.way_back_reason


def test_none_where_only_dropping_the_request_helps() -> None:
    assert "fraud" in none_because(ticket={"problem": "fraud"})
    assert "evaluation" in none_because(ticket={"requests": ["evaluation"]})
    assert "First-line" in none_because(ticket={"problem": "first_line"})
    assert "firewalls" in none_because(ticket={"problem": "firewall"})


def test_none_though_other_things_could_be_done() -> None:
    reason = none_because(ticket={"problem": "fraud"}, fields={"outdated": True})
    assert "fraud" in reason


def test_fraud_of_unknown_size_has_one() -> None:
    ((clause, action),) = steps(
        judged({"problem": "fraud", "simultaneous_calls": None}, system={"simultaneous_calls": None})
    )
    assert clause == "excluded.fraud"
    assert action.endswith("In scope with: more than 64.")


def test_who_is_asked_first_where_something_else_takes_the_place_of_a_part() -> None:
    """A provider that is not supported need not be asked; the one that takes its place must be."""
    about = {"problem": "trunk", "involves": ["trunk:10001"]}
    result = judged(about, without=["vendor_contacted"], rows=[generic_trunk()])
    asked = (
        "Ask the provider of the replacement of trunk 10001 (Cobre SIP, sip.cobre.example) first and add the answer."
    )
    assert ("prereq.vendor-first", asked) in steps(result)
    about = {"problem": "phone", "involves": ["ext:231"]}
    result = judged(about, without=["vendor_contacted"], rows=[phone(standing="eol", status="eol")])
    asked = "Ask the maker of the replacement of Yealink T54W of extension 231 first and add the answer."
    assert ("prereq.vendor-first", asked) in steps(result)
    result = judged(about, without=["vendor_contacted"], rows=[stun_phone()])
    asked = "Ask the maker of Yealink T54W of extension 231 first and add the answer."
    assert ("prereq.vendor-first", asked) in steps(result)
