from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.api import Probe
from parsers.config.backup_db import PARSERS as BACKUP
from parsers.config.key_value import PARSERS as KEY_VALUE
from parsers.config.phone_config import PARSERS as PHONE_CONFIG
from parsers.config.phone_template import PARSERS as PHONE
from parsers.config.provider_template import PARSERS as PROVIDER
from parsers.config.setup_config import PARSERS as SETUP
from parsers.config.users_csv import PARSERS as USERS
from parsers.config.xml_read import DTD_REFUSED
from parsers.registry import probe
from parsers.tree.member import Member
from tests.parsers.config.reading import read
from tests.parsers.config.test_backup_db import EXTENSION, GATEWAYS, LINE
from tests.parsers.config.test_setup_and_files import CASES, STRICT
from tests.parsers.config.test_templates import TEMPLATE

LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY a{n} "{"&a" + str(n - 1 or "") + ";"}{"&a;" * 9}">' for n in range(1, 9))
    + "]>"
)
OUTSIDE = '<!DOCTYPE x SYSTEM "file:///etc/passwd">'
INSIDE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
ALL = (*BACKUP, *PHONE, *PROVIDER, *SETUP, *PHONE_CONFIG, *KEY_VALUE, *USERS)
SAMPLES = [
    "<PhoneSystem>" + GATEWAYS + EXTENSION.format(settings="<Settings ProvType='1'/>") + LINE.format(gateway="<Gateway>Nordtel</Gateway>") + "</PhoneSystem>",
    TEMPLATE,
    "<doc><header><name>x</name><template>y.pv.xml</template><type>gateway-template</type></header></doc>",
    STRICT,
    *(case[2] for case in CASES),
    "ProvLink=https://pbx.example.com/sbc/8d7f\nPbxSipIP=10.0.0.10\n[x]\n",
    'Number,FirstName,LastName,MAC\n100,"Ann",B,805ec0000001\n',
]  # fmt: skip


@pytest.mark.parametrize("dtd", [LAUGHS, OUTSIDE, INSIDE])
@pytest.mark.parametrize("padding", ["", "<!-- " + "x" * 70_000 + " -->"])
@pytest.mark.parametrize(
    "body",
    [
        "<PhoneSystem><header><version>&e;&a8;20</version></header></PhoneSystem>",
        "<doc><header><type>phone-template</type><name>&e;</name></header></doc>",
        "<doc><header><type>gateway-template</type><name>&e;</name></header></doc>",
        "<SetupConfig><option><code>X</code><answer>&e;</answer></option></SetupConfig>",
    ],
)
def test_document_types_are_refused(body: str, padding: str, dtd: str) -> None:
    parser = (
        BACKUP
        if "PhoneSystem" in body
        else SETUP
        if "SetupConfig" in body
        else PROVIDER
        if "gateway" in body
        else PHONE
    )
    got = read([Anything(parser[0])], f'<?xml version="1.0"?>{padding}{dtd}{body}')
    assert got.problems == [DTD_REFUSED]
    assert got.rows == []


class Anything:
    """A parser that takes every file."""

    def __init__(self, parser: object) -> None:
        self.kind: str = parser.kind  # type: ignore[attr-defined]
        self.parse = parser.parse  # type: ignore[attr-defined]

    def claims(self, _probe: object) -> int:
        return 1


def test_a_dtd_is_recognised_and_then_refused() -> None:
    assert read(BACKUP, OUTSIDE + "<PhoneSystem/>").kind == "backup_db"


def test_depth_is_bounded() -> None:
    got = read(BACKUP, "<PhoneSystem>" + "<a>" * 100_000)
    assert len(got.problems) == 1
    assert got.problems[0].startswith("XML damaged: ")


def test_a_huge_text_is_bounded() -> None:
    got = read(BACKUP, "<PhoneSystem><header><version>" + "9" * 11_000_000 + "</version></header></PhoneSystem>")
    assert len(got.problems) == 1
    assert got.seen() == {}


@pytest.mark.parametrize("sample", SAMPLES)
def test_each_sample_has_one_parser(sample: str) -> None:
    assert sum(parser.claims(probe_text(sample)) > 0 for parser in ALL) == 1


def probe_text(text: str) -> Probe:
    return probe(Member.of_bytes("805ec00000e7.cfg", text.encode()))


@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0, 900), st.binary(max_size=8), st.integers(0, 12)), max_size=6),
)
@settings(max_examples=300, deadline=None)
def test_mutated_samples_never_raise(sample: str, edits: list[tuple[int, bytes, int]]) -> None:
    data = sample.encode()
    for at, put, drop in edits:
        data = data[:at] + put + data[at + drop :]
    got = read(ALL, data, "805ec00000e7.cfg")
    assert got.tally.understood <= got.tally.records
    repr(got.rows).encode()


@pytest.mark.parametrize(
    "text",
    [
        "<!--" * 200_000,
        "{IF network=SBC" * 100_000,
        "\n" * 500_000 + "account.1.x = 1",
        "<settings" * 100_000 + "<phone-settings>",
        "<P52" * 100_000 + "<gs_provision>",
        "".join(f"account.{n}.nat.nat_traversal = 1\n" for n in range(50_000)),
        "<SetupConfig>" + "<code>a</code>" * 100_000,
        "<flat-profile>" + '"/provisioning/' * 50_000,
    ],
)
def test_nothing_takes_longer_than_its_length(text: str) -> None:
    for parser in ALL:
        read([Anything(parser)], text, "805ec00000e7.cfg")
