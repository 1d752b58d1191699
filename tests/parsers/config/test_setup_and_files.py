from __future__ import annotations

import pytest

from parsers.config.key_value import PARSERS as KEY_VALUE
from parsers.config.phone_config import PARSERS as PHONE_CONFIG
from parsers.config.setup_config import PARSERS as SETUP
from parsers.config.users_csv import PARSERS as USERS
from parsers.facts.inventory import Extension, PhoneSeen, TrunkSeen
from parsers.facts.system import Setting
from tests.parsers.config.reading import read

STRICT = """<?xml version="1.0"?>
<SetupConfig><tcxinit>
<option><code>LicenseKey</code><answer>ABCD-1234-EFGH-5678</answer></option>
<option><code>FullExternalFqdn</code><answer>pbx.example.com</answer></option>
<option><code>HttpsPort</code><answer>5001</answer></option>
<option><code>AdminPassword</code><answer>$ADMIN_PASS</answer></option>
<option><code>AdminEmail</code><answer>ann@example.com</answer></option>
</tcxinit>
<extensions><extension><Number>100</Number><FirstName>Ann</FirstName><AuthPassword>ext-pass-9</AuthPassword>
<MAC>805ec0000001</MAC><TemplateFilename>yealinkT4x.ph.xml</TemplateFilename>
<ProvisioningFilename2>Yealink T46S</ProvisioningFilename2><ProvisionType>RemoteExt</ProvisionType></extension></extensions>
<siptrunk><Name>Nordtel</Name><TemplateFilename>GenericSIPTrunk.pv.xml</TemplateFilename><Host>sip.example.net</Host><Port>5060</Port>
<SimultaneousCalls>4</SimultaneousCalls><RequireRegistrationFor>Nothing</RequireRegistrationFor><AuthPassword>trunk-pass-9</AuthPassword></siptrunk>
</SetupConfig>"""


def test_setup_config() -> None:
    got = read(SETUP, STRICT, "setupconfig.xml")
    assert (got.kind, got.tally.records, got.tally.understood, got.problems) == ("setup_config", 7, 7, [])
    assert got.seen() == {"license_present": True, "fqdn": "pbx.example.com"}
    assert got.settings() == {"SetupConfig.FullExternalFqdn": "pbx.example.com", "SetupConfig.HttpsPort": "5001"}
    phone, trunk = got.one(PhoneSeen), got.one(TrunkSeen)
    assert (phone.extension, phone.model, phone.provision_type) == ("100", "T46S", "stun")
    place = phone.source_of("provision_type")
    assert (place.line, place.text) == (11, "<ProvisionType>RemoteExt</ProvisionType>")
    assert (trunk.name, trunk.host, trunk.registration_required, trunk.simultaneous_calls) == (
        "Nordtel",
        "sip.example.net",
        False,
        4,
    )
    assert got.secrets == {"ABCD-1234-EFGH-5678", "ext-pass-9", "trunk-pass-9"}


def test_setup_config_that_is_no_xml() -> None:
    text = """<ArrayOfSerializedQuestion xmlns=http://example.com>
<SerializedQuestion><code>PublicIP</code><answer>auto<answer/></SerializedQuestion>
<SerializedQuestion><code>AdminPassword</code><answer>set-up-pass</answer></SerializedQuestion>
<SerializedQuestion><code>TunnelPort</code>
<answer>5090</answer></SerializedQuestion>
"""
    got = read(SETUP, text, "setupconfig.xml")
    assert got.settings() == {"SetupConfig.PublicIP": "auto", "SetupConfig.TunnelPort": "5090"}
    assert (got.tally.records, got.secrets) == (3, {"set-up-pass"})
    assert len(got.problems) == 1
    assert got.problems[0].endswith("; only pairs of code and answer, whole extensions and trunks are read")


def test_extensions_and_trunks_of_a_damaged_set_up_are_read() -> None:
    cut = "cat > setupconfig.xml <<EOF\n" + STRICT.replace("</SetupConfig>", "<siptrunk><Name>Cut o")
    got = read(SETUP, cut, "setupconfig.xml")
    phone, trunk = got.one(PhoneSeen), got.one(TrunkSeen)
    assert (phone.extension, phone.provision_type, phone.source.line) == ("100", "stun", 10)
    assert phone.source_of("provision_type").line == 12
    assert (trunk.name, trunk.template, trunk.source.line) == ("Nordtel", "GenericSIPTrunk.pv.xml", 13)
    assert (got.tally.records, got.tally.understood) == (7, 7)
    assert got.secrets == {"ABCD-1234-EFGH-5678", "ext-pass-9", "trunk-pass-9"}


def test_ini() -> None:
    text = "[General]\nAppPath = /var/lib/3cxpbx\n[ConfService]\nConfPort=5482\nMasterDBPassword = db-pass-77\n; note\n[CallReports]\nPASSWORD = rep-pass-77\nodd\n"
    got = read(KEY_VALUE, text, "3CXPhoneSystem.ini")
    assert (got.kind, got.claim, got.problems) == ("pbx_ini", 90, ["line 9 is neither a section nor Key = Value"])
    assert got.settings() == {
        "3cxphonesystem.ini.General.AppPath": "/var/lib/3cxpbx",
        "3cxphonesystem.ini.ConfService.ConfPort": "5482",
    }
    assert (got.tally.records, got.tally.understood, got.secrets) == (5, 4, {"db-pass-77", "rep-pass-77"})


def test_sbc_conf() -> None:
    got = read(
        KEY_VALUE,
        "ProvLink=https://pbx.example.com/sbc/8d7f6a5b4c\nPbxSipIP=10.0.0.10\nPbxSipPort=5060\n",
        "3cxsbc.conf",
    )
    assert got.kind == "sbc_conf"
    assert got.settings() == {
        "3cxsbc.conf.ProvLinkHost": "pbx.example.com",
        "3cxsbc.conf.PbxSipIP": "10.0.0.10",
        "3cxsbc.conf.PbxSipPort": "5060",
    }
    assert got.secrets == {"https://pbx.example.com/sbc/8d7f6a5b4c"}
    assert "8d7f6a5b4c" not in repr(got.rows)


def test_sbc_conf_with_comments() -> None:
    text = "[Bridge/1]\nTunnelAddr=pbx.example.com # the office\nPassword=ab#cd-pass # old\nSecurityMode= ; none\n"
    got = read(KEY_VALUE, text, "renamed.txt")
    assert got.settings() == {
        "3cxsbc.conf.Bridge/1.TunnelAddr": "pbx.example.com", "3cxsbc.conf.Bridge/1.SecurityMode": None,
    }  # fmt: skip
    assert [row.source.text for row in got.of(Setting)] == ["TunnelAddr=pbx.example.com", "SecurityMode="]
    assert got.secrets == {"ab#cd-pass", "ab#cd-pass # old"}
    ini = read(KEY_VALUE, "[ConfService]\nConfPort = 5482 # no comment\n", "3CXPhoneSystem.ini")
    assert ini.settings() == {"3cxphonesystem.ini.ConfService.ConfPort": "5482 # no comment"}


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_users_csv(delimiter: str) -> None:
    rows = [
        ["Number", "FirstName", "LastName", "EmailAddress", "VMPIN", "MAC", "Template", "Model", "Router"],
        [
            "100",
            "Ann",
            '"Ex' + delimiter + 'ample"',
            "",
            "443322",
            "805EC0000001",
            "yealinkT4x.ph.xml",
            "Yealink T46S",
            "sbc-a",
        ],
        ["101", "Bob", "B", "", "", "", "", "", ""],
        ["102", "Cat", "C", "", "", "805EC0000002", "acme.ph.xml", "Yealink T46S-acme", ""],
    ]
    got = read(USERS, "\ufeff" + "\r\n".join(delimiter.join(row) for row in rows) + "\r\n", "export.csv")
    assert (got.kind, got.tally.records, got.tally.understood, got.problems) == ("users_csv", 3, 3, [])
    assert [(e.number, e.name) for e in got.of(Extension)] == [
        ("100", f"Ann Ex{delimiter}ample"), ("101", "Bob B"), ("102", "Cat C"),
    ]  # fmt: skip
    first, second = got.of(PhoneSeen)
    assert (first.mac, first.extension, first.model, first.provision_type, first.sbc_name) == (
        "805ec0000001", "100", "T46S", "sbc", "sbc-a",
    )  # fmt: skip
    assert (first.source.row, first.source_of("provision_type").text) == (1, "Router=sbc-a")
    assert (second.provision_type, second.custom_template, second.source.row) == (None, True, 3)
    assert got.secrets == {"443322"}


def test_other_csv_is_left_alone() -> None:
    assert read(USERS, "timegenerated,eventid,message,source,severity\n", "eventlog.csv").kind is None


YEALINK = "#!version:1.0.0.1\naccount.1.enable = 1\naccount.1.user_name = 231\naccount.1.password = Zq231hTr9Lm\n"

FANVIL = """<<VOIP CONFIG FILE>>Version:2.0002

<SIP CONFIG MODULE>
STUN Server        :{server}
--SIP Line List--  :
SIP1 Phone Number       :231
SIP1 Register Pswd      :Zq231hTr9Lm
SIP1 NAT Type           :{nat}
SIP2 NAT Type           :0

<<END OF FILE>>
"""
CASES = [
    ("Yealink", "805ec00000e7.cfg", YEALINK + "account.1.nat.nat_traversal = 1\naccount.1.nat.stun_server = pbx.example.com\n", True, "pbx.example.com", 90, 5),
    ("Yealink", "805ec00000e7.cfg", YEALINK + "account.1.nat.nat_traversal = 0\naccount.1.nat.stun_server = stun.example.net\n", False, None, 90, 5),
    ("Yealink", "805ec00000e7.cfg", YEALINK + "account.1.nat.nat_traversal = 1\naccount.1.nat.stun_server =\n", False, None, 90, 5),
    ("Yealink", "805ec00000e7.cfg", YEALINK + "account.1.nat.nat_traversal = 1\naccount.2.nat.stun_server = stun.example.net\n", False, None, 90, 5),
    ("Yealink", "805ec00000e7.cfg", YEALINK + "static.sip.nat_stun.enable = 1\nstatic.sip.nat_stun.server = stun.example.net\n", True, "stun.example.net", 90, 5),
    ("Yealink", "805ec00000e7.cfg", YEALINK + "#account.1.nat.nat_traversal = 1\n", None, None, 90, 1),
    ("Yealink", "805ec00000e7.cfg", YEALINK + "sip.nat_stun.enable = 1\nsip.nat_stun.server = %NULL%\n", False, None, 90, 5),
    ("Cisco", "spa805ec00000e7.xml", '<flat-profile>\n<STUN_Enable ua="na">Yes</STUN_Enable>\n<STUN_Server ua="na">stun.example.net</STUN_Server><User_ID_1_>231</User_ID_1_></flat-profile>', True, "stun.example.net", 90, 2),
    ("Cisco", "spa805ec00000e7.xml", "<flat-profile><STUN_Enable>No</STUN_Enable><STUN_Server>stun.example.net</STUN_Server><User_ID_1_>231</User_ID_1_></flat-profile>", False, None, 90, 1),
    ("Fanvil", "805ec00000e7.cfg", "<VOIP_CONFIG_FILE><Phone_Number>231</Phone_Number><NAT_Type>1</NAT_Type><STUN_Server>pbx.example.com</STUN_Server></VOIP_CONFIG_FILE>", True, "pbx.example.com", 70, 1),
    ("Fanvil", "805ec00000e7.cfg", "<sysConf><PhoneNumber>231</PhoneNumber><STUNEnable>1</STUNEnable><STUNServerAddr>pbx.example.com</STUNServerAddr></sysConf>", True, "pbx.example.com", 90, 1),
    ("Snom", "snomD785-805ec00000e7.xml", '<settings><phone-settings><user_name idx="1">231</user_name><stun_server idx="1" perm="">stun.example.net</stun_server></phone-settings></settings>', True, "stun.example.net", 90, 1),
    ("Snom", "snomD785-805ec00000e7.xml", '<settings><phone-settings><user_name idx="1">231</user_name><stun_server idx="1" perm=""></stun_server></phone-settings></settings>', False, None, 90, 1),
    ("Grandstream", "cfg805ec00000e7.xml", "<gs_provision><config><!-- STUN\n server --><P35>231</P35>\n<P52>1</P52><P76>pbx.example.com:5060</P76></config></gs_provision>", True, "pbx.example.com:5060", 90, 3),
    ("Grandstream", "cfg805ec00000e7.xml", "<gs_provision><config><P35>231</P35><P52>2</P52><P76>pbx.example.com</P76></config></gs_provision>", False, None, 90, 1),
    ("Grandstream", "cfg805ec00000e7.xml", '<gs_provision><config version="2"><item name="account.1.sip"><part name="userid">231</part></item>\n<item name="network"><part name="stunServer">pbx.example.com</part></item>\n<item name="account.1.network"><part name="natTraversal">STUN</part></item></config></gs_provision>', True, "pbx.example.com", 90, 3),
    ("Grandstream", "cfg805ec00000e7.xml", '<gs_provision><config version="2"><item name="account.1.sip.userid">231</item><item name="network.stunServer">pbx.example.com</item><item name="account.1.network.natTraversal">No</item></config></gs_provision>', False, None, 90, 1),
    ("Htek", "cfg805ec00000e7.xml", "<hl_provision><config><P35>231</P35><P52>0</P52><P76>x</P76></config></hl_provision>", False, None, 90, 1),
    ("Polycom", "805ec00000e7-config.cfg", '<PHONE_CONFIG><ALL reg.1.address="231" reg.1.server.1.address="x"/></PHONE_CONFIG>', None, None, 90, 1),
    (None, "cfg805ec00000e7", "# SIP account\nP35=231\n# STUN\n\nP52=1\nP76=stun.example.net:3478\n", True, "stun.example.net:3478", 90, 5),
    (None, "cfg805ec00000e7.txt", "P2 = x\r\nP35 = 231\r\nP52 = 2\r\nP76 = stun.example.net\r\n", False, None, 90, 3),
    (None, "cfg805ec00000e7", "P35=231\nP47=pbx.example.com\n#P52=1\nP76=stun.example.net\n", None, None, 90, 1),
    (None, "805ec00000e7.txt", FANVIL.format(nat=1, server="stun.example.net"), True, "stun.example.net", 70, 8),
    (None, "805ec00000e7.txt", FANVIL.format(nat=0, server="stun.example.net"), False, None, 70, 8),
    (None, "805ec00000e7.txt", FANVIL.format(nat=1, server=""), False, None, 70, 8),
    ("Snom", "snom370-805ec00000e7.htm", "<html><pre>phone_type&: snom370\nuser_name1!: 231\nstun_server1!: stun.example.net\n</pre></html>", True, "stun.example.net", 70, 3),
    ("Snom", "805ec00000e7.cfg", "user_name1!: 231\nuser_name2!: 9\nstun_server1!: \n", False, None, 70, 3),
]  # fmt: skip


@pytest.mark.parametrize(("vendor", "name", "text", "on", "server", "confidence", "line"), CASES)
def test_rendered_configurations(  # noqa: PLR0917
    vendor: str | None, name: str, text: str, on: bool | None, server: str | None, confidence: int, line: int
) -> None:
    got = read(PHONE_CONFIG, text, f"b.zip!/Http/Interface/provisioning/x7s2/{name}")
    assert (got.kind, got.claim, got.problems) == ("phone_config", 75, [])
    phone = got.one(PhoneSeen)
    assert (phone.vendor, phone.mac, phone.extension) == (vendor, "805ec00000e7", "231")
    assert (phone.stun, phone.stun_server, phone.provision_confidence) == (on, server, confidence)
    assert phone.provision_type == ("stun" if on else None)
    assert phone.stun_used is None
    assert phone.source.line == line


def test_secrets_of_a_rendered_configuration() -> None:
    text = YEALINK + "auto_provision.server.url = https://pbx.example.com/provisioning/x7s2kq\n"
    got = read(PHONE_CONFIG, text, "805ec00000e7.cfg")
    assert got.secrets == {"Zq231hTr9Lm", "x7s2kq"}
    assert "Zq231" not in repr(got.rows)


@pytest.mark.parametrize(
    "text",
    [
        FANVIL.format(nat=1, server="x"),
        "P35=231\nP34=Zq231hTr9Lm\n",
        "P35=231\nP406=Zq231hTr9Lm\n",
        "P35=231\nP1706=Zq231hTr9Lm\n",
        "user_name1!: 231\nuser_pass1!: Zq231hTr9Lm\n",
    ],
)
def test_secrets_of_a_plain_export(text: str) -> None:
    got = read(PHONE_CONFIG, text, "export.txt")
    assert (got.secrets, got.one(PhoneSeen).mac) == ({"Zq231hTr9Lm"}, None)
    assert "Zq231" not in repr(got.rows)


@pytest.mark.parametrize(
    "text",
    [
        "P1=a\nP2=b\n",
        "P47=alone\nother=1\n",
        "x\n<<VOIP CONFIG FILE>>\n",
        "note!: one\ntext: two\n",
        "P35 231\nP47 x\n",
        '2026/11/12 10:14:00.119|0021|Erro| sent reg.1.auth.password="x"\n',
        "2026/11/12 10:14:00.119|0021|Erro| sent:\naccount.1.label = x\n",
        "2026-11-12T10:14:00Z <gs_provision><P34>x</P34></gs_provision>",
        "[2026-11-12 10:14:00] <flat-profile>",
    ],
)
def test_other_texts_are_no_plain_export(text: str) -> None:
    assert read(PHONE_CONFIG, text, "805ec00000e7.txt").kind is None


def test_a_template_is_no_rendered_configuration() -> None:
    assert read(PHONE_CONFIG, YEALINK + "account.1.label = %%extension_number%%\n", "a.cfg").kind is None
