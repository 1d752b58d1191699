"""The ticket: its keys and values, and what strangers may put there."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.ticket import READERS, Ticket, TicketError, load_ticket, parse_about, parse_ticket, ticket_from_bytes
from analyzer.ticket_form import QUESTIONS, filled_in, template
from analyzer.ticket_values import EDITIONS, HOSTINGS, PARTNER_TIERS, PROBLEMS, REQUESTS, Party

KEY = "K7QT-93XD-ZP4M-2HVB"

WHOLE = f"""
created: 2026-11-12T11:00:00+01:00
country: NO
language: pt-BR
partner_tier: silver
requester_is_admin: yes
hosting: self_hosted
edition: Pro
simultaneous_calls: 16
extensions: 0
version: 20.0
license_key: {KEY}
license_nfr: "no"
problem: queue_ivr
involves: [ext:105, "phone:80-5E-C0-00-00-E7", phone:192.0.2.7, trunk:Nordtel Voice, "call:1-31193@192.0.2.1", integration:CRM]
description: |
  Two lines
  of text.
steps_before: Restarted.
reproduction: Call 105.
incidents: [one, two]
systems: 2
vendor_contacted: true
replicated_on_hosted: unknown
requests: [remote_session, cfd]
"""


def test_whole() -> None:
    ticket = ticket_from_bytes(WHOLE.encode())
    assert ticket.shown() == {
        "created": "2026-11-12T11:00:00+01:00",
        "country": "NO",
        "language": "pt",
        "partner_tier": "silver",
        "requester_is_admin": True,
        "hosting": "self_hosted",
        "edition": "pro",
        "simultaneous_calls": 16,
        "extensions": 0,
        "version": "20.0",
        "license_key": "given",
        "license_nfr": False,
        "problem": "queue_ivr",
        "involves": [
            "ext:105",
            "phone:805ec00000e7",
            "phone:192.0.2.7",
            "trunk:Nordtel Voice",
            "call:1-31193@192.0.2.1",
            "integration:CRM",
        ],
        "description": "Two lines\nof text.",
        "steps_before": "Restarted.",
        "reproduction": "Call 105.",
        "incidents": ["one", "two"],
        "systems": 2,
        "vendor_contacted": True,
        "requests": ["remote_session", "cfd"],
    }
    assert ticket.replicated_on_hosted is None
    assert ticket.incident_count == 2


def test_json_gives_the_same() -> None:
    shown = ticket_from_bytes(WHOLE.encode()).shown()
    assert ticket_from_bytes(json.dumps(shown).encode()).shown() == shown
    assert ticket_from_bytes(yaml.safe_dump(shown).encode()).shown() == shown
    assert parse_ticket(shown).shown() == shown


def test_empty_is_unknown() -> None:
    for raw in (b"", b"{}", b"# nothing\n", b"\xef\xbb\xbf", b"problem:\ninvolves: []\nedition: unknown\n"):
        assert ticket_from_bytes(raw) == Ticket()


def test_licence_key_is_never_shown() -> None:
    ticket = ticket_from_bytes(WHOLE.encode())
    assert ticket.secrets == {KEY, KEY.lower(), KEY.replace("-", ""), KEY.replace("-", "").lower()}
    for word in ("attached", "Attached"):
        assert parse_ticket({"license_key": word}).secrets == set()
    assert KEY not in repr(ticket) + str(ticket) + json.dumps(ticket.shown())
    for wrong in (
        f"license_key: {KEY}\nlicense_key: {KEY}",
        f"license_key: {KEY}\nprobelm: x",
        f"license_key: {KEY}\nedition: x",
        f"problem: {KEY}",
        f"{KEY}: yes",
    ):
        with pytest.raises(TicketError) as caught:
            ticket_from_bytes(wrong.encode())
        assert KEY not in str(caught.value)
    for word in (f"license_key:{KEY}", f"license_key {KEY}", f"edition={KEY}"):
        with pytest.raises(TicketError) as caught:
            load_ticket(None, [word])
        assert KEY not in str(caught.value)


@pytest.mark.parametrize("word", ["no", "NO", "false", False, "none", "None", "n/a", "-", " no ", "unknown", "", None])
def test_a_licence_key_that_is_said_to_be_lacking_is_not_given(word: object) -> None:
    ticket = parse_ticket({"license_key": word})
    assert (ticket.license_key, ticket.secrets, ticket.shown()) == (None, set(), {})


@pytest.mark.parametrize("word", [KEY, "attached", "yes", True, "No-1234-ABCD"])
def test_any_other_word_gives_the_licence_key(word: object) -> None:
    assert parse_ticket({"license_key": word}).shown() == {"license_key": "given"}


@pytest.mark.parametrize("value", [[KEY], ["a", "secretkey"], {"key": "secretkey"}, f"{'secretkey' * 3000}"])
def test_a_licence_key_is_one_text_and_not_shown_where_it_is_not(value: object) -> None:
    with pytest.raises(TicketError, match=r"'license_key' has the value '\(not shown\)'; allowed: ") as caught:
        parse_ticket({"license_key": value})
    assert KEY not in str(caught.value)
    assert "secretkey" not in str(caught.value)


def test_an_incident_with_a_colon_is_one_text() -> None:
    ticket = ticket_from_bytes(b"incidents:\n- Queue 801: skips agent 231\n- Voicemail comes twice\n")
    assert ticket.incidents == ["Queue 801: skips agent 231", "Voicemail comes twice"]


@pytest.mark.parametrize("raw", [b"incidents: [one, {a: b, c: d}]", b"incidents: [one, {a: [b]}]"])
def test_the_incident_that_is_no_text_is_named(raw: bytes) -> None:
    with pytest.raises(TicketError, match=r"'incidents' has the value \"{'a': ") as caught:
        ticket_from_bytes(raw)
    assert "one" not in str(caught.value).replace("one text", "")


def test_created_without_a_zone_is_utc_and_said() -> None:
    created = parse_ticket({"created": "2026-11-12 11:00"}).created
    assert created is not None
    assert (created.time, created.zone_given) == (datetime(2026, 11, 12, 11, tzinfo=UTC), False)


WRONG: list[tuple[str, Any, str]] = [
    ("partner_tier", "diamond", "platinum"),
    ("hosting", "cloud", "self_hosted"),
    ("edition", "ultimate", "enterprise"),
    ("problem", "noise", "queue_ivr"),
    ("requests", ["cfd", "magic"], "remote_session"),
    ("requester_is_admin", "perhaps", "yes, no, true, false"),
    ("license_nfr", 3, "yes, no, true, false"),
    ("simultaneous_calls", 0, "whole number from 1"),
    ("simultaneous_calls", "16.5", "whole number"),
    ("simultaneous_calls", True, "whole number"),
    ("extensions", -1, "whole number from 0"),
    ("extensions", "٣", "whole number"),
    ("version", "twenty", "20.0.9.995"),
    ("created", "yesterday", "2026-11-16T09:30:00+01:00"),
    ("created", "0001-01-01", "between the years"),
    ("country", "Spain", "ISO 3166"),
    ("country", "ZZ", "ISO 3166"),
    ("language", "klingon", "ISO 639"),
    ("involves", ["desk:4"], "phone:MAC"),
    ("involves", ["ext:"], "ext:105"),
    ("involves", [["ext:1"]], "list"),
    ("incidents", 0, "number from 1"),
    ("incidents", "many", "number from 1"),
    ("description", {"a": "b"}, "text"),
    ("description", "x" * 20_001, "at most 20000"),
    ("involves", ["ext:1"] * 201, "at most 200"),
]


@pytest.mark.parametrize(("key", "value", "allowed"), WRONG)
def test_wrong_value_names_key_value_and_allowed(key: str, value: Any, allowed: str) -> None:
    with pytest.raises(TicketError) as caught:
        parse_ticket({key: value})
    assert repr(key) in str(caught.value)
    assert allowed in str(caught.value)
    assert len(str(caught.value)) < 700


@pytest.mark.parametrize(
    ("key", "near"),
    [
        ("partner_teir", "partner_tier"),
        ("licence_key", "license_key"),
        ("Problem", "problem"),
        ("simultanous_calls", "simultaneous_calls"),
        ("calls", "simultaneous_calls"),
        ("steps", "steps_before"),
        ("admin", "requester_is_admin"),
        ("nfr", "license_nfr"),
        ("date", "created"),
    ],
)
def test_unknown_key_names_the_nearest(key: str, near: str) -> None:
    with pytest.raises(TicketError) as caught:
        parse_ticket({key: "x"})
    assert repr(key) in str(caught.value)
    assert repr(near) in str(caught.value)


def test_wrong_entry_of_a_list_is_named() -> None:
    many = [f"ext:{number}" for number in range(100, 130)]
    with pytest.raises(TicketError, match="'involves' has the value 'desk:4'"):
        parse_ticket({"involves": [*many, "desk:4"]})
    with pytest.raises(TicketError, match="'requests' has the value 'magic'"):
        parse_ticket({"requests": "cfd, magic"})
    assert parse_ticket({"requests": ["unknown", "cfd", ""]}).requests == ["cfd"]


def test_unknown_key_without_a_near_one_lists_all() -> None:
    with pytest.raises(TicketError, match="partner_tier, requester_is_admin"):
        parse_ticket({"zzzzzz": "x"})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("yes", True),
        ("Yes", True),
        ("TRUE", True),
        (True, True),
        ("no", False),
        ("false", False),
        (False, False),
        ("off", False),
        ("unknown", None),
    ],
)
def test_yes_and_no(value: Any, expected: bool | None) -> None:
    assert parse_ticket({"vendor_contacted": value}).vendor_contacted is expected


@pytest.mark.parametrize(
    "raw",
    [
        b"a: &x [1, 2]\nb: *x",
        b"[" * 100_000,
        b"{" * 100_000,
        b'{"a":' * 50_000,
        b"- a\n- b",
        b"just text",
        b"\xff\xfe\x00",
        b"a: b: c",
        b"problem: audio\n---\nproblem: phone",
        b"problem: audio\nproblem: phone",
        b'{"problem": "audio", "problem": "phone"}',
        b"? [a]\n: b",
        b"problem: \x00",
        b"x" * 300_000,
        b"involves: [" + b"a," * 30_000 + b"]",
        b"!!python/object/apply:os.system ['true']",
        b'{"extensions": ' + b"9" * 5000 + b"}",
        b'{"description": "half a pair \\ud800"}',
        b'{"involves": ["trunk:\\ud800"]}',
        b'{"incidents": ["one", "\\udfff"]}',
    ],
)
def test_hostile_files_are_usage_errors(raw: bytes) -> None:
    with pytest.raises(TicketError):
        ticket_from_bytes(raw)


@settings(max_examples=150, deadline=None)
@given(raw=st.binary(max_size=300))
def test_any_bytes(raw: bytes) -> None:
    try:
        ticket_from_bytes(raw)
    except TicketError:
        return


@settings(max_examples=150, deadline=None)
@given(data=st.dictionaries(st.sampled_from(sorted(READERS)), st.text(max_size=40) | st.integers() | st.booleans() | st.lists(st.text(max_size=9), max_size=3)))  # fmt: skip
def test_what_is_read_is_shown_and_read_again(data: dict[str, Any]) -> None:
    try:
        ticket = parse_ticket(data)
    except TicketError:
        return
    assert parse_ticket(ticket.shown()).shown() == ticket.shown()


def test_sets_stand_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "ticket.yaml"
    file.write_text(WHOLE)
    ticket = load_ticket(
        file, ["partner_tier=gold", "involves=ext:7, trunk:10000", "problem=", "license_key=ABCD-EFGH"]
    )
    assert ticket.partner_tier == "gold"
    assert ticket.involves == [Party("ext", "7"), Party("trunk", "10000")]
    assert ticket.problem is None
    assert {KEY, "ABCD-EFGH"} < ticket.secrets
    assert load_ticket(None) == Ticket()


@pytest.mark.parametrize(
    ("word", "key", "expected"),
    [
        ("involves=[ext:7, 'trunk:Cobre, SA']", "involves", [Party("ext", "7"), Party("trunk", "Cobre, SA")]),
        ("involves= [ ext: 7 ] ", "involves", [Party("ext", "7")]),
        ("requests=[cfd, firewall]", "requests", ["cfd", "firewall"]),
        ("incidents=[No sound, Fax fails]", "incidents", ["No sound", "Fax fails"]),
        ("incidents=2", "incidents", 2),
        ("involves=[]", "involves", []),
        ("description=[urgent] no sound", "description", "[urgent] no sound"),
    ],
)
def test_a_list_is_set_as_in_a_file(word: str, key: str, expected: object) -> None:
    assert getattr(load_ticket(None, [word]), key) == expected


@pytest.mark.parametrize(
    "word", ["involves=[ext:7", "involves=[ext:7] trunk:1", "requests=[[cfd]]", "involves=[\ud800]"]
)
def test_a_list_that_is_none_is_a_usage_error(word: str) -> None:
    with pytest.raises(TicketError, match=r"--set|involves|requests"):
        load_ticket(None, [word])


def test_set_wants_a_key_and_a_value(tmp_path: Path) -> None:
    with pytest.raises(TicketError, match="key=value"):
        load_ticket(None, ["partner_tier"])
    with pytest.raises(TicketError, match="cannot be read"):
        load_ticket(tmp_path / "none.yaml")


def test_about() -> None:
    about = parse_about(["problem:audio", "ext:105", "phone:80:5E:C0:00:00:E7", "ext:105"])
    assert about.problem == "audio"
    assert about.parties == (Party("ext", "105"), Party("phone", "805ec00000e7"))
    for wrong in ("105", "problem:noise", "desk:4", ""):
        with pytest.raises(TicketError, match="--about"):
            parse_about([wrong])
    with pytest.raises(TicketError, match=r"allowed: problem: and one of calls, .*, other\.$"):
        parse_about(["problem:unknown"])


def test_form_has_every_key_with_its_words() -> None:
    assert list(QUESTIONS) == list(READERS)
    assert QUESTIONS["partner_tier"].allowed == PARTNER_TIERS
    assert QUESTIONS["problem"].allowed == PROBLEMS
    assert QUESTIONS["requests"].allowed == REQUESTS
    assert (QUESTIONS["hosting"].allowed, QUESTIONS["edition"].allowed) == (HOSTINGS, EDITIONS)


def test_template_is_an_empty_ticket() -> None:
    text = template()
    assert ticket_from_bytes(text.encode()) == Ticket()
    assert all(f"\n{key}:\n" in text for key in READERS)


def test_examples_of_the_form_are_right() -> None:
    for key, question in QUESTIONS.items():
        if question.example:
            parse_ticket({key: question.example})
    whole = {key: question.allowed[0] for key, question in QUESTIONS.items() if question.allowed}
    assert set(ticket_from_bytes(filled_in(whole).encode()).shown()) == set(whole)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("extension:105", "ext:105"),
        ("trnk:10000", "trunk:10000"),
        ("problme:audio", "problem:audio"),
        ("problem:audoi", "problem:audio"),
    ],
)
def test_what_is_about_something_is_nearly_right(word: str, meant: str) -> None:
    with pytest.raises(TicketError, match=f"did you mean '{meant}'"):
        parse_about([word])


@pytest.mark.parametrize("word", ["foo", "ext:", "xyz:105", ":105", f"ext:{'1' * 301}"])
def test_what_is_about_nothing_known_says_what_is_allowed(word: str) -> None:
    with pytest.raises(TicketError, match="allowed: ext:105"):
        parse_about([word])


def test_a_colon_in_a_text_is_explained() -> None:
    with pytest.raises(TicketError, match=r"line 1; a text with a colon in it stands in quotation marks"):
        ticket_from_bytes(b"description: He says: no\n")
    with pytest.raises(TicketError) as other:
        ticket_from_bytes(b"involves: [a\n")
    assert "quotation marks" not in str(other.value)
