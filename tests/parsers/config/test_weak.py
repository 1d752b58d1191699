"""Credentials that can be guessed."""

from __future__ import annotations

import json

import pytest

from parsers.config.backup_db import PARSERS as BACKUP
from parsers.config.live_export import PARSERS as LIVE
from parsers.config.setup_config import PARSERS as SETUP
from parsers.config.users_csv import PARSERS as CSV
from parsers.config.weak import weak_credentials
from parsers.facts.inventory import Extension
from tests.parsers.config.reading import read


@pytest.mark.parametrize(
    ("auth_id", "password", "pin", "weak"),
    [
        ("xK3j2lA9", "Qw8zLs02Kd", "830214", []),
        ("105", "Qw8zLs02Kd", "830214", ["auth_id"]),
        ("xK3j2lA9", "105", "105", ["password", "pin"]),
        ("xK3j2lA9", "Qw8zLs0", "7777", ["password", "pin"]),
        ("xK3j2lA9", None, "12", ["pin"]),
        ("***", "********", "XXXX", None),  # masked
        (None, "", None, None),
        (None, {"Concealed": True}, None, None),
    ],
)
def test_which_can_be_guessed(auth_id: object, password: object, pin: object, weak: list[str] | None) -> None:
    assert weak_credentials("105", auth_id, password, pin) == weak


XML = "<Extension><Number>105</Number><AuthID>105</AuthID><AuthPassword>Qw8zLs02Kd</AuthPassword><VMPIN>0000</VMPIN></Extension>"


def test_every_source_of_extensions_says_it() -> None:
    user = {"Number": "105", "AuthID": "105", "AuthPassword": "Qw8zLs02Kd", "VMPIN": "0000", "Phones": []}
    live = read(LIVE, json.dumps({"value": [user]}), "Users.json")
    backup = read(BACKUP, f"<PhoneSystem><Tenants><Tenant><DN>{XML}</DN></Tenant></Tenants></PhoneSystem>", "x_Db.xml")
    setup = read(SETUP, f"<SetupConfig><extensions>{XML}</extensions></SetupConfig>", "setupconfig.xml")
    table = read(
        CSV, "Number,FirstName,LastName,EmailAddress,MAC,Template,VMPIN\n105,Ann,Example,,,,0000\n", "users.csv"
    )
    assert [got.one(Extension).weak for got in (live, backup, setup, table)] == [["auth_id", "pin"]] * 3 + [["pin"]]
    assert live.one(Extension).source_of("weak").path == "value[0].AuthID"
    assert "Qw8zLs02Kd" not in repr((live.rows, backup.rows, setup.rows))
