"""Secrets in another spelling: escapes are undone at their places, keys are found by their parts, base64 by what it says."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.secret_coded import KEY_LIMIT, plain
from parsers.secret_text import secret_spans, suspects, without_secrets

LINE = "AbCdEf0123456789" * 4
FULL_LINE = "AbCdEf0123456789+/" * 4 + "AbC1"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (r"\u0070ass \\u0041 \x42 \/", "pass A B /"),
        ("%70ass %2541 %252542 &#97; &#x61; &amp;#98; &quot;&amp;lt;", 'pass A B a a b "<'),
        ("&#0097;", "a"),
        ("nothing of that, 100% \\n &copy; %0A \\u00e4 &#10;", None),
        ("plain", None),
        ("", None),
    ],
)
def test_escapes_are_undone(text: str, read: str | None) -> None:
    found = plain(text)
    assert (found.text if found else None) == read


@given(
    st.lists(
        st.sampled_from(["a", "b", "%41", "%2542", r"\u0043", "&#68;", "&quot;", "%", "\\", "\\/", "ä"]), max_size=20
    )
)
def test_every_place_leads_back_to_its_piece(pieces: list[str]) -> None:
    """Each character of the text that was undone stands where its escape stood."""
    text = "".join(pieces)
    found = plain(text)
    if found is None:
        return
    spans = [found.original((at, at + 1)) for at in range(len(found.text))]
    assert [start for start, _ in spans] == [0, *(end for _, end in spans[:-1])]
    assert spans[-1][1] == len(text)
    for (start, end), character in zip(spans, found.text, strict=True):
        again = plain(text[start:end])
        assert (again.text if again else text[start:end]) == character


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"x\n{LINE}\n{LINE}\nAbC=\n-----END RSA PRIVATE KEY-----\ny", "x\n***\n-----END RSA PRIVATE KEY-----\ny"),
        (f"key: {LINE}\\n{LINE}\\nAbC=\\n-----END PRIVATE KEY-----", "key: ***\\n-----END PRIVATE KEY-----"),
        (f"at 10:15\n{LINE}\nnext line", "at 10:15\n***\nnext line"),
        (f"{FULL_LINE}\n", "***\n"),
        ("MHcCAQEEIAbCdEf0123456789AbCdEf", "***"),
        ("b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAE", "***"),
        ("MIIFHDBOBgkqhkiG9w0BBQ0wQTApBgkqhkiG9w0BBQww", "***"),
        ("-----begin openssh private key-----\nabc", "-----begin openssh private key-----***"),
        (
            "İ-----BEGIN PRIVATE KEY-----abc-----END PRIVATE KEY-----",
            "İ-----BEGIN PRIVATE KEY-----***-----END PRIVATE KEY-----",
        ),
    ],
)
def test_keys_are_found_by_their_parts(text: str, shown: str) -> None:
    assert without_secrets(text, "***").replace("***\n***", "***") == shown
    assert suspects([text]) == [text]


@pytest.mark.parametrize(
    "text",
    [
        LINE[:-1],
        f"{LINE}x",
        f"file {LINE}",
        "0123456789abcdef" * 4,
        "0123456789ABCDEF" * 4,
        "MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBa",
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA",
        "word -----END PRIVATE KEY-----",
    ],
)
def test_what_is_no_part_of_a_key_stays(text: str) -> None:
    assert secret_spans(text) == []


def test_a_key_without_end_is_masked_to_its_limit() -> None:
    shown = without_secrets("-----BEGIN PRIVATE KEY-----" + "x " * KEY_LIMIT, "***")
    assert shown == "-----BEGIN PRIVATE KEY-----***" + "x " * (KEY_LIMIT // 2)


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("said", ["admin:geheim", "105:hunter2!", "name@example.com:Sommer2026", "a.b:1234567"])
@pytest.mark.parametrize("pad", ["", "="])
def test_base64_of_a_name_and_its_password_goes(said: str, pad: str) -> None:
    value = coded(said).rstrip("=") if not pad else coded(said)
    if said == "105:hunter2!":  # no letter in the name: a number of an extension and what is called
        assert secret_spans(f"auth {value}") == []
        return
    assert without_secrets(f"auth {value}, sent", "***") == "auth ***, sent"


@pytest.mark.parametrize(
    "said",
    [
        "192.0.2.1:5060",
        "12:30:45",
        "no colon in here",
        "a b:password",
        "admin:\x01\x02\x03\x04",
        "ä:geheimes",
        "pbx:5061",
    ],
)
def test_base64_of_other_things_stays(said: str) -> None:
    assert secret_spans(f"auth {coded(said)}") == []
