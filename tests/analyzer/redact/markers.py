"""A case that holds every kind of secret in every place: each value carries ``MARK``, which no output may show."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from tests.parsers.capture.scenario import PBX, PHONE, Scenario, sdp

MARK = "Qm7ZxKw"
FULL = "2026/11/12 10:14:00.119|0021|Erro| [Some.Logger] No space left on device"

SPELLINGS = r"""
AuthPassword=@
AuthPassword: "@"
'AuthPassword': '@'
{"AuthPassword": "@", "Number": "105"}
{"AuthPassword": {"Concealed": false, "Value": "@"}}
{\"AuthPassword\":\"@\"}
"{""AuthPassword"":""@""}"
&quot;AuthPassword&quot;:&quot;@&quot;
AuthPassword&gt;@&lt;/AuthPassword
password is @
Trunk password changed from "@" to "@"
Password changed: @ -> @
--password @
pwd=@
pass=@
passphrase=@
WEBSERVERPASS=@
<VMPIN>@</VMPIN>
"AuthID": "@"
"SIPID": "@"
ClientSecret: @
"SbcPrivateKey": "-----BEGIN PRIVATE KEY-----\n@\n-----END PRIVATE KEY-----"
-----BEGIN RSA PRIVATE KEY----- @ -----END RSA PRIVATE KEY-----
MESSAGING_API_KEY=@
X-Api-Key: @
GET /x?key=@&y=1
GET /x?pass=@&token=@
refresh_token=@
Authorization: Bearer @
authorization: basic @
Authorization: Digest username="105", realm="3CXPhoneSystem", nonce="@", uri="sip:x", response="@"
Authorization:  Digest username="105",response = '@'
Proxy-Authorization: NTLM @
Authentication-Info: nextnonce="@", rspauth="@"
Set-Cookie: sid=@; path=/
Cookie pair: sid=@
Authorization: Digest username="105",\r\n nonce=\r\n "@",\r\n response=\r\n "@"
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:@@@@
a=key-mgmt:mikey @
k=base64:@
a=ice-pwd:@
https://admin:@#@pbx.example.com:5001/x
sip:105:@#@pbx.example.com
https://pbx.example.com/provisioning/@/805ec0112233.cfg
https://pbx.example.com/sbc/@
ProvLink=https://pbx.example.com/x/@
"ProvisionLink": "https://pbx.example.com/x/@"
"InterfaceLink": "https://192.0.2.1/@"
LicenseKey: {@}
Licence key is @
<code>AdminPassword</code><answer>@</answer>
<field name="AuthPassword" value="@"/>
<Property Name="AuthPassword">@</Property>
{"Name": "MailPassword", "Value": "@", "Id": 4}
password%3D@
account.1.password = @
user_pass1!: @
<user_pass idx="1" perm="RW">@</user_pass>
SRTP master key: @
HA1=@
password hash: $6$salt$@
webhook_url=https://hooks.example.com/@
services_access_hash: @
QuickMeeting_OpenLink: @
Server=localhost;Database=db;User Id=u;Password=@;Port=5432
voicemail PIN: 47@
eyJhbGciOiJIUzI1NiJ9.eyJ@AAAA.c2ln@
Passwort: @
contraseña: @
contrasena=@
Das Passwort lautet @
Passwort ist "@"
Κωδικός πρόσβασης: @
κωδικός: @
parola d'ordine: @
clave de acceso: "@"
clave: @
{\u0022AuthPassword\u0022:\u0022@\u0022,\u0022Number\u0022:\u0022105\u0022}
\u003CAuthPassword\u003E@\u003C/AuthPassword\u003E
%7B%22AuthPassword%22%3A%20%22@%22%7D
<AuthPassword >@</AuthPassword>
<setting name="SmtpPassword" serializeAs="String"><value>@</value></setting>
postgres://phonesystem:ab/@#@127.0.0.1/database_single
curl --user admin:@ https://pbx.example.com/
sshpass -p @ ssh 192.0.2.1
AUTH PLAIN @
Authorization=Basic%20@
/callback?code=4/0@&state=x
/blob?sv=2020&sig=@
client_assertion=@
SAMLResponse=@
"Set-Cookie":"ASP.NET_SessionId=@; path=/"
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline: @@@@
-----BEGIN PGP PRIVATE KEY BLOCK----- @
crypto key @
password for 105: @
password (105): @
password[105]=@
password -> @
Changed password for user 105 to @
Password of extension 105 changed from abcd to @
requirepass @
the access token is @
token "@"
ya29.@@@
SCRAM-SHA-256$4096:@$x:y
admin:{SHA}@
otp=@
wpa_psk=@
auth id: @
{"\u0070assword": "@"}
{"AuthP\\u0061ssword":"@"}
<p&#97;ssword>@</p&#97;ssword>
p&amp;#x61;ssword: @
pass%2577ord=@
"pass\x77ord": "@"
mysql -uroot -p@ 3cx
mysqldump -u root -p'@ 1' 3cx
curl -su admin:@ https://pbx.example.com/
curl -u "admin:@" https://pbx.example.com/
sshpass -p'@' ssh 192.0.2.1
PGPASSWORD=@ psql -U phonesystem
redis-cli -a @ ping
smbclient //192.0.2.1/x -U admin%@
net use \\192.0.2.1\x /user:admin @
snmpwalk -v3 -u x -A @ -X @ 192.0.2.1
echo root:@ | chpasswd
rocommunity @ 192.0.2.0/24
com2sec readonly default @
SNMP community: @
community string is @
"SnmpCommunity": "@"
JSESSIONID=@
GET /webclient;jsessionid=@?x=1
ASP.NET_SessionId=@
GET /webclient?sid=@ HTTP/1.1
refreshtoken_cookie=@
jwt=@
eyJhbGciOiJIUzI1NiJ9.eyJ@AAAA
eyJhbGciOiJIUzI1NiJ9@
P34=@
P196 = @
&P34=@&P35=105
<P406>@</P406>
"P34": "@"
SIP1 Register Pswd:@
<RegPswd>@</RegPswd>
admin_mode_password$: @
user_pass1!&: @
reg.1.auth.password="@"
static.security.user_password = admin:@
redis://:@#@127.0.0.1:6379/0
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ@
@AbCdEf0123456789AbCdEf0123456789AbCdEf0123456789AbC -----END PRIVATE KEY-----
<sip:105;phone-context=x:@#@192.0.2.1>
sip%3A105%3A@%40192.0.2.1
https%3A%2F%2Fadmin%3A@%40pbx.example.com%2F
https:\/\/admin:@#@192.0.2.1\/
https://@0123456789#@git.example.com/x
passcode: @
wachtwoord: @
Hasło: @
Senha do ramal: @
Contraseña es @
login: admin / @
username admin secret 5 @
wpa-psk @
backup-password-@.zip
""".strip().splitlines()


def spelled() -> list[str]:
    """Every spelling with a value of its own."""
    return [
        text.replace("#@", "\0").replace("@", f"{MARK}{n:03d}tR").replace("\0", "@") for n, text in enumerate(SPELLINGS)
    ]


def value(n: int) -> str:
    """A value of its own."""
    return f"{MARK}{900 + n}tR"


def write(folder: Path) -> list[str]:
    """Write the inputs of the case; their paths."""
    paths: dict[str, str | bytes] = {**_exports(), **_texts(), "dump.pcap": _capture()}
    for name, content in paths.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    _bundle(folder / "support.zip")
    return [str(folder / "support.zip"), *(str(folder / name) for name in paths)]


def _bundle(path: Path) -> None:
    lines = spelled()
    flat = [line.replace("\n", " ") for line in lines]
    events = [f'2026-11-12 09:{n % 60:02d}:00.000000+00,4100,"{_csv(x)}",SIP,Error' for n, x in enumerate(flat)]
    audit = [
        f'{n},2026-11-12 09:02:11.120000+00,1,203.0.113.5,2,4,admin,105,"{_csv(x)}","{_csv(x)}"'
        for n, x in enumerate(flat)
    ]
    access = [f'192.0.2.6 - - [12/Nov/2026:10:00:01 +0100] "GET /provisioning/{MARK}{n}/805e0c112233.cfg HTTP/1.1" 404 157 "-" "Yealink SIP-T53W"' for n in range(9)]  # fmt: skip
    members = {
        "Logs/3cxSystemService.log": [f"{FULL} {line}" for line in lines],
        "Logs/3CXCallFlow.log": [f"2026/11/12 10:14:00.119|0021|Erro| [X] Unhandled exception. No space left on device: {x}" for x in lines],
        "Logs/3CXOther.log": [f"~~ {line} ~~" for line in lines[::7]],
        "Logs/PbxConfigTool.log": [json.dumps({"LicenseKey": value(0), "Success": False, "ErrorMessage": f"password {value(1)}"})],
        "LinuxLogs/nginx/access.log": access,
        "LinuxLogs/auth.log": [f"Nov 12 06:25:01 pbx sshd[1]: Failed password for invalid user {value(2)} from 203.0.113.5 port 22 ssh2"] * 30,
        "DbTables/eventlog.csv": ["timegenerated,eventid,message,source,severity", *events],
        "DbTables/audit_log.csv": ["id,time_stamp,source,ip,action,object_type,user_name,object_name,prev_data,new_data", *audit],
        "ExtraLogging/tcxSystemInfo_260012110050.txt": ["System Info", "", "[General]", "ProcessorCount = 4", *lines, "[3CX PhoneSystem Info]", "VERSION = 20.0.9.995"],
        "ExtraLogging/Health_260012110050.txt": [f"Check {n}: failed {line}" for n, line in enumerate(lines)],
        f"provisioning/{value(3)}/805e0c112233.cfg": ["#!version:1.0.0.1", f"account.1.password = {value(4)}", "account.1.nat.nat_traversal = 1", "account.1.nat.stun_server = stun.example.net", "account.1.user_name = 105"],
        "broken/Users.json": ['{"@odata.context": "https://pbx.example.com/xapi/v1/$metadata#Users", "value": [{"Number": "105", "AuthPassword": "' + value(5)],
        "broken/7fDb.xml": ["<PhoneSystem><DN><Extension><Number>105</Number><AuthPassword>" + value(6) + "</AuthPasswrd>"],
        "broken/setupconfig.xml": ["<SetupConfig><tcxinit><option><code>AdminPassword</code><answer>" + value(7) + "</option>"],
        "broken/3CXPhoneSystem.ini": ["[General]", f"password {value(8)}", f"PASSWORD={value(9)}", "MasterDBPassword " + value(10)],
    }  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, rows in members.items():
            bundle.writestr(name, "\n".join(rows) + "\n")


def _csv(text: str) -> str:
    return text.replace('"', '""')


def _exports() -> dict[str, str]:
    context = "https://pbx.example.com/xapi/v1/$metadata#"
    phone = {
        "MacAddress": "805E0C112233", "Name": "Yealink T53W", "TemplateName": "yealinkT5x.ph.xml",
        "ProvisioningLinkExt": f"https://pbx.example.com/x/{value(20)}/", "Settings": {"ProvisionType": "RemoteExt", "Secret": value(21)},
    }  # fmt: skip
    user = {"Number": "105", "AuthID": value(22), "AuthPassword": value(23), "AccessPassword": value(24), "DeskphonePassword": value(25), "VMPIN": value(26), "SIPID": value(27), "Phones": [phone]}  # fmt: skip
    trunk = {"Number": "10000", "IsOnline": False, "AuthID": value(28), "AuthPassword": {"Concealed": False, "Value": value(29)}, "SeparateAuthId": value(30), "Certificate": value(31), "Gateway": {"Name": "N", "Host": f"{value(29)}.example.com"}}  # fmt: skip
    sbc = {"Name": "s", "Password": value(32), "ProvisionLink": f"https://pbx.example.com/sbc/{value(33)}"}
    parameters = [
        {"Name": "WEBSERVERPASS", "Value": value(34)},
        {"Name": "X", "Value": value(35), "Description": "mail password"},
    ]
    return {
        "Users.json": json.dumps({"@odata.context": context + "Users(Phones())", "value": [user]}),
        "Trunks.json": json.dumps({"@odata.context": context + "Trunks(Gateway())", "value": [trunk]}),
        "Sbcs.json": json.dumps({"@odata.context": context + "Sbcs", "value": [sbc]}),
        "Parameters.json": json.dumps({"@odata.context": context + "Parameters", "value": parameters}),
        "CrmIntegration.json": json.dumps({"@odata.context": context + "CrmIntegration", "Name": "Acme", "VariableChoices": [{"Key": "k", "Value": value(36)}]}),
        "SystemStatus.json": json.dumps({"@odata.context": context + "SystemStatus", "Version": "20.0.9.995", "LicenseKey": value(37)}),
        "MailSettings.json": json.dumps({"@odata.context": context + "MailSettings", "MailPassword": value(38), "MailServer": f"user:{value(38)}"}),
    }  # fmt: skip


def _texts() -> dict[str, str]:
    return {
        "setupconfig.xml": f"<SetupConfig><tcxinit><option><code>LicenseKey</code><answer>{value(50)}</answer></option><option><code>MailServerPassword</code><answer>{value(51)}</answer></option><option><code>CertificateKey</code><answer>{value(52)}</answer></option></tcxinit></SetupConfig>",
        "7fDb.xml": f'<?xml version="1.0"?><PhoneSystem><header><version>20.0.9.995</version></header><license><company>{value(53)}</company><key>{value(53)}</key></license><Tenants><Tenant><DN><Extension><Number>105</Number><AuthID>{value(54)}</AuthID><AuthPassword>{value(55)}</AuthPassword><VMPIN>{value(56)}</VMPIN><Properties><DNProperty><Name>services_access_hash</Name><Value>{value(57)}</Value></DNProperty></Properties></Extension></DN></Tenant></Tenants></PhoneSystem>',
        "3cxsbc.conf": f"ProvLink=https://pbx.example.com/sbc/{value(58)}\nPbxSipIP=10.0.0.10\nPassword={value(59)}\n",
        "users.csv": f"Number,FirstName,LastName,AuthPassword,VMPIN,MAC,Template\n105,A,B,{value(60)},{value(61)},805e0c112233,yealinkT5x.ph.xml\n",
        "acme.pv.xml": f'<?xml version="1.0"?><doc><header><type>provider</type><name>Acme</name></header><data><device><type>gateway</type><field name="LineAuthenticationPassword">{value(62)}</field><field name="MESSAGING_API_KEY">{value(63)}</field><field name="MESSAGING_WEBHOOK">https://hooks.example.com/{value(64)}</field></device></data></doc>',
        "cfg000b82112233.xml": f'<?xml version="1.0"?><gs_provision version="1"><config version="1"><P34>{value(65)}</P34><P2>{value(66)}</P2><P52>1</P52><P76>stun.example.net</P76></config></gs_provision>',
        f"notes-{'x' * 3}.txt": "\n".join(spelled()),
    }  # fmt: skip


def _capture() -> bytes:
    s = Scenario()
    digest = f'Authorization: Digest username="101", realm="3CXPhoneSystem", nonce="{value(70)}",\n  cnonce="{value(71)}", response="{value(72)}"\n'
    lower = f'proxy-authorization: digest username="101",nonce={value(73)},response={value(74)}\n'
    secure = f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{value(75)}{value(75)}|2^20\na=key-mgmt:mikey {value(76)}\nk=clear:{value(77)}\na=ice-pwd:{value(78)}\n"
    odd = f"Authorization: Bearer {value(79)}\nX-Provisioning: https://pbx.example.com/provisioning/{value(80)}/x.cfg\nContact: <sip:101:{value(81)}@{PHONE}>\n"
    s.request(0, "INVITE", 1, body=sdp(PHONE, extra=secure), headers=digest + lower + odd)
    s.response(
        0.1, 403, headers=f'Reason: SIP;cause=403;text="password={value(82)}"\nWarning: 399 x "token={value(83)}"\n'
    )
    s.request(0.2, "ACK", 1, to_tag="b")
    s.request(1, "REGISTER", 2, headers=f"Authorization: Basic {value(84)}\n", src=PHONE, dst=PBX)
    return s.pcap()
