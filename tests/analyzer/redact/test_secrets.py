"""Secrets do not leave the program."""

from __future__ import annotations

import pytest

from analyzer.redact.secrets import MASK, Scrubber
from tests.analyzer.redact.markers import MARK, spelled


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ('Authorization: Digest username="231",nonce="n1",response="5f2ab3c4d5e6f708"', "5f2ab3c4d5e6f708"),
        ("Authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
        (
            "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
            "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
        ),
        ("a=ice-pwd:asd88fgpdd777uzjYhagZg", "asd88fgpdd777uzjYhagZg"),
        ('{"AuthPassword": "hunter2 with blank", "Number": "105"}', "hunter2 with blank"),
        ("<AuthPassword>hunter2</AuthPassword>", "hunter2"),
        ("MasterDBPassword = hunter2", "hunter2"),
        ("Password=hunter2 # tunnel", "hunter2"),
        ("https://pbx.example.com/provisioning/abc1def2gh/0200c0000065.cfg", "abc1def2gh"),
        ("ProvLink=https://pbx.example.com/sbc/0123456789", "0123456789"),
        ("key S4MP-L3CA-S3K3-Y001 was activated", "S4MP-L3CA-S3K3-Y001"),
    ],
)
def test_secret_is_taken_out(text: str, secret: str) -> None:
    scrubbed = Scrubber().text(text)
    assert secret not in scrubbed
    assert MASK in scrubbed


@pytest.mark.parametrize(
    "text",
    [
        "No RTP packets were received:remoteAddr=198.51.100.7:41000,extAddr=<none>",
        "SIP/2.0 401 Unauthorized",
        'Trunk 10000 has changed status to "Registered"',
        "2026/11/12 10:14:00.119|0021|Erro| [Some.Logger] No space left on device",
        "yealinkT5x.ph.xml",
        "Call-ID: 00e9d4a500e9d48-0015-0001-0000-0000@192.0.2.25",
        "1234-5678-9012-3456",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert Scrubber(["hunter22"]).text(text) == text


def test_known_value_goes_wherever_it_stands() -> None:
    assert (
        Scrubber(["Zq231hTr9Lm"]).text("user said Zq231hTr9Lm, twice: Zq231hTr9Lm")
        == f"user said {MASK}, twice: {MASK}"
    )


@pytest.mark.parametrize(
    "spelled",
    [
        r"x\"7<&+ü y",
        r"x\u00227\u003C\u0026\u002Bü y",
        r"x\"7<&+\u00fc y",
        "x%227%3C%26%2B%C3%BC%20y",
        "x%227%3C%26%2B%C3%BC+y",
        "x&quot;7&lt;&amp;+ü y",
        'x""7<&+ü y',
    ],
)
def test_known_value_goes_in_the_spelling_of_other_formats(spelled: str) -> None:
    assert Scrubber(['x"7<&+ü y']).text(f"call of {spelled}, failed") == f"call of {MASK}, failed"


@pytest.mark.parametrize("others", [0, 50, 100, 5000])
def test_many_known_values_are_found_as_few_are(others: int) -> None:
    """The passwords of thousands of extensions: among them values that begin alike, that hold one another, that overlap."""
    known = [f"pw{number:05d}xyz" for number in range(others)]
    scrubber = Scrubber([*known, "secret-one", "secret-one-more", "more words", "Zq231hTr9Lm"])
    texts = {
        "x secret-one-more words y": f"x {MASK} y",
        "secret-on": "secret-on",
        "Zq231hTr9LmZq231hTr9Lm": f"{MASK}{MASK}",
        "said secret-one and Zq231hTr9Lm": f"said {MASK} and {MASK}",
        "Zq231h": "Zq231h",
        "": "",
    }
    assert scrubber.texts(texts) == texts
    assert {text: scrubber.text(text) for text in texts} == texts
    for value in known[:: others // 3 or 1]:
        assert scrubber.text(f"<{value}>") == f"<{MASK}>"


def test_longer_secret_goes_whole() -> None:
    assert Scrubber(["secret-one", "secret-one-more"]).text("x secret-one-more y") == f"x {MASK} y"


def test_numbers_and_short_values_are_not_blanked() -> None:
    assert (
        Scrubber(["1234", "10000000", "abc"]).text("extension 1234 of 10000000 abc") == "extension 1234 of 10000000 abc"
    )


def test_hostile_length_is_quick() -> None:
    text = "response=" * 20_000 + "inline:" * 20_000
    assert MASK not in Scrubber(["nothing-here"]).text("x" * 1_000_000)
    assert len(Scrubber().text(text)) > 0


def test_values_that_overlap_leave_no_rest() -> None:
    assert Scrubber(["abc-def", "def-ghi-jkl"]).text("x abc-def-ghi-jkl y") == f"x {MASK} y"
    assert Scrubber(["ab-ab-ab"]).text("ab-ab-ab-ab") == MASK
    assert Scrubber(["abc-def"]).text("abc-defabc-def") == f"{MASK}{MASK}"


def test_many_texts_are_cleaned_as_each_alone() -> None:
    scrubber = Scrubber(["Zq231hTr9Lm", "two\nlines", "one-more\nof"])
    texts = [
        *spelled(), "192.0.2.1:5060", "user Zq231hTr9Lm", "", "two", "lines", "of two\nlines", "one-more", "S4MP-L3CA-S3K3-Y001",
        "Zq231h", "Tr9Lm", "pass", "word=x1y2z3", "192.0.2.1:5060",
    ]  # fmt: skip
    cleaned = scrubber.texts(iter(texts))
    assert cleaned == {text: scrubber.text(text) for text in texts}
    assert not [shown for shown in cleaned.values() if MARK in shown or "Zq231hTr9Lm" in shown or "two\nlines" in shown]
    assert cleaned["192.0.2.1:5060"] == "192.0.2.1:5060"
    assert Scrubber().texts([]) == {}


@pytest.mark.parametrize(("value", "shown"), [("hunt5", "hunt5"), ("hunt66", MASK), ("123456", "123456")])
def test_known_values_are_searched_for_from_six_characters_on(value: str, shown: str) -> None:
    assert Scrubber([value]).text(f"said {value} twice") == f"said {shown} twice"
    assert Scrubber([value]).texts([f"said {value}", "plain"]) == {f"said {value}": f"said {shown}", "plain": "plain"}
