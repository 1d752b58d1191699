from __future__ import annotations

from datetime import UTC, datetime

import pytest

from parsers.api import Sink
from parsers.config import values
from parsers.config.secret_keys import harvest, harvest_text, is_secret


@pytest.mark.parametrize(
    "text", ["XXXX", "xxxx.example.com", "***", "a***b", "<redacted>", "[REMOVED]", "••", "####", "Redacted", "XXX"]
)
def test_masked(text: str) -> None:
    assert values.masked(text)
    assert values.text(text) is None


@pytest.mark.parametrize("text", ["*12345678", "T46S", "MAXX", "x", "hidden", "(local)", "#1", "XX-200"])
def test_not_masked(text: str) -> None:
    assert values.text(text) == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [(5, "5"), ("  a ", "a"), (True, None), ([], None), ("", None), (1 << 70, None), ("a" * 900, "a" * 500)],
)
def test_text(value: object, expected: str | None) -> None:
    assert values.text(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (16, 16),
        ("16", 16),
        (16.0, 16),
        (16.5, None),
        ("16 SC", None),
        (True, None),
        (1 << 64, None),
        ("9" * 30, None),
        (None, None),
        (float("inf"), None),
    ],
)
def test_whole(value: object, expected: int | None) -> None:
    assert values.whole(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1.5", 1.5), (2, 2.0), ("NaN", None), ("INF", None), (float("nan"), None), ("1e999", None), (False, None)],
)
def test_number(value: object, expected: float | None) -> None:
    assert values.number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, True), ("True", True), ("0", False), (1, True), (2, None), ("maybe", None), (None, None), ([], None)],
)
def test_flag(value: object, expected: bool | None) -> None:
    assert values.flag(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2018-12-02T03:00:09.6347531+01:00", datetime(2018, 12, 2, 2, 0, 9, 634753, UTC)),
        ("2026-11-12T09:00:00", datetime(2026, 11, 12, 9, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("soon", None),
        (5, None),
    ],
)  # fmt: skip
def test_moment(value: object, expected: datetime | None) -> None:
    assert values.moment(value) == expected


def test_instant() -> None:
    assert values.instant("2028-05-01T02:00:00+02:00") == "2028-05-01T00:00:00.000000Z"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("80:5E:0C:11:22:33", "805e0c112233"), ("805e.0c11.2233", "805e0c112233"), ("80-5e-0c-11-22-33", "805e0c112233"),
     ("000000000000", None), ("805e0c11223", None), ("805E0CXXXXXX", None), (12, None)],
)  # fmt: skip
def test_mac(value: object, expected: str | None) -> None:
    assert values.mac(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("203.0.113.77 Static", "203.0.113.77"), ("10.0.0.5:5060", "10.0.0.5"), ("[2001:db8::1]:5060", "2001:db8::1"),
     ("2001:db8::1", "2001:db8::1"), ("pbx.example.com", None), ("XXX.XXX.XXX.XXX", None), (None, None)],
)  # fmt: skip
def test_address(value: object, expected: str | None) -> None:
    assert values.address(value) == expected


@pytest.mark.parametrize("name", ["AuthID", "AuthPassword", "VMPIN", "SIPID", "PhoneWebPassword", "ProvLink", "ProvisioningLinkExt", "LicenseKey",
                                  "EncryptBackupPassword", "SftpPrivateKey", "SbcPrivateKey", "ClientSecret", "WEBSERVERPASS", "MasterDBPassword",
                                  "InterfaceLink", "MESSAGING_API_KEY", "Secret", "account.1.password", "authpassword", "Token", "SERVICES_ACCESS_HASH"])  # fmt: skip
def test_secret_names(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", ["ProvisionType", "PinProtected", "PinProtectTimeout", "KeepLogs", "Number", "Stopping", "PassiveServer", "TemplateName",
                                  "CertificateExpirationDate", "CertificateName", "LinkedIn2", "Mapping", "RpsEnabled", "SbcFQDN"])  # fmt: skip
def test_public_names(name: str) -> None:
    assert not is_secret(name)


def test_harvest_has_no_depth() -> None:
    deep: dict[str, object] = {"AuthPassword": "bottom-pass"}
    for _ in range(5000):
        deep = {"a": [deep]}
    out = Sink("x", lambda _row: None)
    harvest(deep, out)
    harvest_text('"AuthPassword": "in-text-1", Password = in-text-2; Name: "shown"', out)
    assert out.secrets == {"bottom-pass", "in-text-1", "in-text-2"}
