from __future__ import annotations

from pathlib import Path

import pytest

from parsers.config.phone_template import PARSERS as PHONE
from parsers.config.phone_template import python_regex
from parsers.config.provider_template import PARSERS as PROVIDER
from parsers.config.template_branches import stun_branches
from parsers.facts.inventory import PhoneSeen, Template
from tests.parsers.config.reading import Result, read

NETWORKS = ("local_lan", "stun", "sbc")

TEMPLATE = """\ufeff<?xml version="1.0" encoding="utf-8"?>
<doc xmlns:tcx="http://www.3cx.com">
  <header>
    <type>phone-template</type><version>150001</version><time>2024-01-01 10:00:00</time>
    <name>Example Phone</name><templatetype>supported</templatetype>
    <models>
      <model ua="EX-100" regex="^Example\\s+EX-100\\s+(?'fwver'.*)\\s+(?'mac'.*)$">Example EX100-acme</model>
      <model ua="EX-200" regex="^(">Example EX200</model>
    </models>
    <AllowedNetworkConfig><option value="LOCALLAN">1</option><option value="REMOTESTUN">1</option>
      <option value="REMOTESPM">0</option><option value="SBC">1</option></AllowedNetworkConfig>
  </header>
  <data><device><type>phone</type><field name="Name">Example</field>
    <deviceconfig filename="%%mac_address%%.cfg" AllowDownload="true"><![CDATA[
account.1.password = %%extension_auth_pw%%
{IF network=REMOTESTUN}
account.1.nat.nat_traversal = 1
account.1.nat.stun_server = %%pbx_ip%%
{ELSE}
account.1.nat.nat_traversal = 0
account.1.nat.stun_server = stun.example.net
#account.1.nat.stun_port = 3478
{ENDIF}
]]></deviceconfig></device></data>
</doc>
"""


def phone(text: str = TEMPLATE, name: str = "acme.ph.xml") -> Result:
    return read(PHONE, text, name)


def test_template() -> None:
    got = phone()
    assert (got.kind, got.claim, got.tally.records, got.tally.understood) == ("phone_template", 90, 1, 1)
    row = got.one(Template)
    assert (row.file, row.name, row.kind, row.version) == ("acme.ph.xml", "Example Phone", "phone", "150001")
    assert (row.template_type, row.custom, row.from_pbx) == ("supported", None, False)
    assert row.models == ["Example EX100-acme", "Example EX200"]
    assert row.user_agents == ["EX-100", "EX-200"]
    assert row.agent_regexes == [r"^Example\s+EX-100\s+(?P<fwver>.*)\s+(?P<mac>.*)$"]
    assert row.networks == ["local_lan", "sbc", "stun"]
    assert row.source_of("template_type").text == "<templatetype>supported</templatetype>"
    assert (row.source.line, row.source_of("template_type").line) == (3, 5)
    assert got.problems == ["line 8: a pattern for the User-Agent that cannot be used"]


def test_a_stun_server_stands_in_branches_without_stun() -> None:
    off = {"account.1.nat.nat_traversal": "0", "account.1.nat.stun_server": "stun.example.net"}
    assert phone().one(Template).stun_branches == {
        "local_lan": off,
        "sbc": off,
        "stun": {"account.1.nat.nat_traversal": "1", "account.1.nat.stun_server": "%%pbx_ip%%"},
    }


def test_a_template_is_no_phone() -> None:
    assert phone().of(PhoneSeen) == []


@pytest.mark.parametrize(
    ("path", "from_pbx", "custom"),
    [
        ("acme.ph.xml", False, None),
        ("b.zip!/Data/Http/Templates/phones/yealinkT4x.ph.xml", True, None),
        ("b.zip!/provisioning/x1/CustomTemplates/fxs/acme.ph.xml", True, True),
    ],
)
def test_where_a_template_comes_from(path: str, from_pbx: bool, custom: bool | None) -> None:
    row = phone(name=path).one(Template)
    assert (row.from_pbx, row.custom) == (from_pbx, custom)


def test_gateway_template() -> None:
    row = phone(TEMPLATE.replace("phone-template", "fxs-template"), "dect.fxs.xml").one(Template)
    assert row.kind == "fxs"


@pytest.mark.parametrize(
    ("pattern", "python"),
    [
        (r"^A(?'fw'\d+)\k'fw'$", r"^A(?P<fw>\d+)(?P=fw)$"),
        (r"(?<a>x)(?<=y)(?<!z)", r"(?P<a>x)(?<=y)(?<!z)"),
        ("plain", "plain"),
        ("(", None),
        ("a" * 301, None),
    ],
)
def test_dotnet_patterns(pattern: str, python: str | None) -> None:
    assert python_regex(pattern) == python


def test_branches_nest_and_other_conditions_go_both_ways() -> None:
    text = (
        "{IF network=SBC,LOCALLAN}\n{IF ua=A,B}\n<P52>0</P52>\n{ELSE}\n<P52>2</P52>\n{ENDIF}\n{ENDIF}\n"
        "#{IF network!=SBC}\n<STUN_Server></STUN_Server>\n#{ENDIF}\n<!-- <P76>stun.example.com</P76> {IF blf1} -->\n{ENDIF}\n"
        "; stun = 1\nsip.nat_stun.enable = 1\n"
    )
    assert stun_branches(text, NETWORKS).sets == {
        "local_lan": {"P52": "0 | 2", "STUN_Server": "", "sip.nat_stun.enable": "1"},
        "sbc": {"P52": "0 | 2", "sip.nat_stun.enable": "1"},
        "stun": {"STUN_Server": "", "sip.nat_stun.enable": "1"},
    }
    assert stun_branches(text, NETWORKS).unbalanced is False


@pytest.mark.parametrize("text", ["{IF network=SBC}", "{ENDIF}", "{ELSE}"])
def test_conditions_that_do_not_match(text: str) -> None:
    assert stun_branches(text, NETWORKS).unbalanced is True


def test_provider_template() -> None:
    text = """<?xml version="1.0"?>
<doc><header><name>My carrier</name><time>2024-01-01T10:00:00Z</time><template>GenericVoIPProvider.pv.xml</template>
<type>gateway-template</type><templatetype>preferred</templatetype></header>
<data><device><type>provider</type><field name="RegistrarHost">sip.example.net</field>
<field name="LineAuthenticationPassword">tr1cky-pass</field>
<field name="ParameterOut" custom="" parameter="FromUserPart">$OutboundCallerId</field></device></data></doc>"""
    got = read(PROVIDER, text, "carrier.pv.xml")
    row = got.one(Template)
    assert (row.kind, row.name, row.copied_from, row.custom) == (
        "provider",
        "My carrier",
        "GenericVoIPProvider.pv.xml",
        True,
    )
    assert (row.template_type, row.from_pbx) == ("preferred", False)
    assert (row.source_of("custom").line, row.source_of("custom").text) == (
        2, "<template>GenericVoIPProvider.pv.xml</template>",
    )  # fmt: skip
    assert got.settings() == {"ProviderTemplate[carrier.pv.xml].RegistrarHost": "sip.example.net"}
    assert got.secrets == {"tr1cky-pass"}
    sms = read(PROVIDER, "<doc><header><type>messaging-template</type><name>S</name></header></doc>", "s.pv.xml")
    assert (sms.one(Template).kind, sms.one(Template).custom) == ("messaging", None)


def test_damaged_templates_are_read_as_far_as_possible() -> None:
    got = phone(TEMPLATE[: TEMPLATE.index("{ELSE}")])
    assert got.one(Template).name == "Example Phone"
    assert any(problem.startswith("XML damaged: ") for problem in got.problems)
    assert phone("<doc><type>phone-template</type></doc>").problems == ["the template has no header"]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "name", "models", "first", "networks", "branches"),
    [
        (
            "fanvil_custom.ph.xml", "Fanvil IP Phone", 20, ("Fanvil X1 Custom", "Fanvil X1"), ["local_lan", "sbc", "stun"],
            {"stun": {"STUN_Server": "%%pbx_ip%%", "STUN_Port": "%%param::sipport%%", "STUN_Refresh_Time": "30",
                      "SIP_Wait_Stun_Time": "800", "NAT_Type": "1"},
             **{net: {"STUN_Server": "", "STUN_Port": "", "STUN_Refresh_Time": "", "SIP_Wait_Stun_Time": "", "NAT_Type": "0"}
                for net in ("local_lan", "sbc")}},
        ),
        (
            "grandstream-uf.ph.xml", "GrandStream GXP21XX", 15, ("GrandStream GXP-2170-UF", "GXP2170"),
            ["local_lan", "sbc", "stun"],
            {"local_lan": {"P52": "0"}, "sbc": {"P52": "0"}, "stun": {"P52": "1", "P76": "%%pbx_ip%%:%%param::sipport%%"}},
        ),
        (
            "polycom_aet_3.1.8.ph.xml", "Polycom SIP 3.1.8", 2, ("Polycom SPIP501 (3.1.8 AET)", "SPIP_501"), ["local_lan"], {},
        ),
    ],
)  # fmt: skip
def test_real_templates(  # noqa: PLR0917
    shared: Path,
    file: str,
    name: str,
    models: int,
    first: tuple[str, str],
    networks: list[str],
    branches: dict[str, dict[str, str]],
) -> None:
    got = read(PHONE, (shared / "formats" / file).read_bytes(), file)
    assert (got.kind, got.problems) == ("phone_template", [])
    row = got.one(Template)
    assert (row.name, len(row.models), len(row.user_agents)) == (name, models, models)
    assert (row.models[0], row.user_agents[0]) == first
    assert (row.networks, row.stun_branches) == (networks, branches)
    assert (row.custom, row.from_pbx) == (None, False)
