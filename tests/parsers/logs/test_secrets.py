from __future__ import annotations

import pytest

from parsers.logs.secrets import scrub


@pytest.mark.parametrize(
    ("text", "shown", "secret"),
    [
        ('Digest username="105", response="0123456789abcdef"', 'Digest username="105", response="***"', "0123456789abcdef"),
        ("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:***", "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9"),
        ('"Password": "open sesame"', '"Password": "***"', "open sesame"),
        ("Password=swordfish", "Password=***", "swordfish"),
        ("ProvLink=https://pbx.example.com/provisioning/abc/x.cfg", "ProvLink=***", "https://pbx.example.com/provisioning/abc/x.cfg"),
        ("GET /provisioning/abcdefgh/x.cfg", "GET /provisioning/***/x.cfg", "abcdefgh"),
        ("LicenseKey: AAAA-BBBB", "LicenseKey: ***", "AAAA-BBBB"),
        ("Authorization: Bearer abcdefghijk", "Authorization: Bearer ***", "abcdefghijk"),
        ("postgres://user:hunter22@127.0.0.1/x", "postgres://user:***@127.0.0.1/x", "hunter22"),
        ("PIN: 4711", "PIN: ***", "4711"),
    ],
)  # fmt: skip
def test_secrets_are_taken_out(text: str, shown: str, secret: str) -> None:
    assert scrub(text) == (shown, {secret})


@pytest.mark.parametrize(
    "text",
    [
        "response=200",
        "pinging 1234",
        "Registered line: L:10004(InPhonex)",
        "Credentials don't match, check password match",
        "",
    ],
)
def test_harmless_text_stays(text: str) -> None:
    assert scrub(text) == (text, set())


def test_own_patterns() -> None:
    assert scrub("key <abc> <abc>", (r"<(\w+)>",)) == ("key <***> <***>", {"abc"})
