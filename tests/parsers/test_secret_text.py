"""Secrets in free text are found in every spelling; what is no secret stays."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import secret_shapes
from parsers.secret_commands import COMMAND_WORDS
from parsers.secret_text import containing, merged, secret_spans, suspects, without, without_secrets
from tests.analyzer.redact.markers import FULL, MARK, spelled


@pytest.mark.parametrize("text", spelled())
@pytest.mark.parametrize("before", ["", f"{FULL} ", "x "])
def test_every_spelling_is_found(text: str, before: str) -> None:
    shown = without_secrets(before + text + " - and more", "***")
    assert MARK not in shown
    assert shown.startswith(before)
    assert shown.endswith("and more") or "PRIVATE" in text or "Cookie" in text


@pytest.mark.parametrize(
    "text",
    [
        "No RTP packets were received:remoteAddr=198.51.100.7:41000,extAddr=<none>",
        "SIP/2.0 401 Unauthorized",
        "response=200 response=timeout",
        "pinging 1234",
        "Credentials don't match, check password match",
        'password authentication failed for user "phonesystem"',
        "Failed password for invalid user admin from 203.0.113.5 port 22 ssh2",
        "Password: incorrect",
        "Password=null, Secret=true",
        "PasswordLength=12",
        "KeyExchange=ecdh_x25519",
        "SecretService=running",
        "License key not found on server 2",
        "GetPasswordHash failed with 0x80070005",
        "token=200, tokens: 15000",
        'SSL_CTX_use_PrivateKey_file("/etc/ssl/pbx.key") failed (SSL: X509_check_private_key:key values mismatch)',
        "duplicate key value violates unique constraint; Key (id)=(5) already exists.",
        "eth0: link is up, Link: down",
        "account.1.password = %%extension_auth_pw%%",
        "Authorization: failed",
        "authentication failed for https://pbx.example.com:5001/webclient",
        "yealinkT5x.ph.xml",
        "Call-ID: 00e9d4a500e9d48-0015-0001-0000-0000@192.0.2.25",
        "1234-5678-9012-3456",
        "2026-11-12 09:14:00.120000+00,4100,Trunk 10000 has changed status to Registered,SIP,Info",
        "<AllowWebPasswordChange>1</AllowWebPasswordChange>",
        "sip:105@pbx.example.com:5061;transport=tls",
        "Trunk 10000: wrong credentials, 403 Forbidden",
        "Unexpected token: < in JSON",
        "provisioning/Users.json",
        "/srv/provisioning/case-7.zip!/Logs/x.log",
        "cookies: 3",
        "assert secrets == expected1",
        "PIN pad of extension 105 was locked",
        "pin 5 of the plug, PIN 12",
        "spin 4711, ping 4711",
        "PIN 192.0.2.7:5060",
        "token bucket refilled after 15000 ms",
        "password for 105 is required",
        "κωδικός σφάλματος: 404",
        "http://pbx.example.com:5000/webclient/user@example.com",
        "exit code=15 signature=valid",
        "md5 sum of the file differs",
        "auth plain mechanisms",
        "sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709  file.bin",
        "Call-ID: MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkw@192.0.2.4",
        "Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote=47755a9de7794ba387653f2099600ef2",
        "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-524287-1---abc;rport",
        "phone 80:5e:0c:11:22:33 with 66.86.0.15 on 3CX 20.0.9.995",
        "P35=105&P47=pbx.example.com&P52=1",
        "<P35>105</P35>",
        "P34: trunk",
        "P2: 105, P2 = 0.9",
        "mysql -u root -p 3cx",
        "mysql -P 3306 -h 192.0.2.7",
        "nmap -p5060 192.0.2.1; mkdir -p /var/lib/3cxpbx; ssh -p 22 root@192.0.2.1",
        "mysql is up; nmap -p5060 192.0.2.1",
        "curl: (7) Failed to connect to 192.0.2.1 port 443",
        "curl -A Mozilla/5.0 https://pbx.example.com/x:y",
        "docker run -p 8080:80 -u 1000:1000 x",
        "journalctl -u nginx: started at -u 12:30",
        "ping -c 4 192.0.2.1",
        "snmpwalk failed: timeout",
        "snmp.enable = 1",
        "SNMP community: not set",
        "the community of partners, Community: 3CX",
        "kernel sink 192.0.2.1 udp",
        "session 5 opened for user root by (uid=0), sid=12, session=closed",
        "GET /x?session=closed&sid=17",
        "Magic Cookie = 0x2112A442",
        "cookie: none, cookies enabled=true",
        "basic Yealink-T53W, basic settings2",
        "eyjafjallajokull.example.com.example.net",
        "login: 12:30 / 13:45, admin/settings2, user/105",
        "username admin, enable secretary",
        "Senha do ramal: 105",
        "password-reset2026-01, backup-password-v20.zip, pw_sha256",
        "-----BEGIN CERTIFICATE-----",
        "no private key-----",
        "sip:[2001:db8::1]:5060;transport=tcp, sip:105@pbx.example.com",
        "sip%3A105%40pbx.example.com%3A5061",
        "https://pbx.example.com:5001/#/office/x@example.com",
        "https%3A%2F%2Fpbx.example.com%3A5001%2Fx",
        "100%25 of \\u0070 and &#97;",
        # base64 of 192.0.2.1:5060, of 10:15:00.123, of "Music on hold"
        "auth MTkyLjAuMi4xOjUwNjA= MTA6MTU6MDAuMTIz TXVzaWMgb24gaG9sZA==",
        "",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert secret_spans(text) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"Password": "a\\"b", "Number": "105"}', '{"Password": "***", "Number": "105"}'),
        ("Pwd=ab,cd;ef;Port=5432", "Pwd=***;Port=5432"),
        ('"Password": "cut off', '"Password": "***'),
        ('"Password":"","Number":"105"', '"Password":"","Number":"105"'),
        ("user=x&password=a1&z=2", "user=x&password=***&z=2"),
        ('LicenseKey: XXXX-XXXX, Password: "***"', 'LicenseKey: XXXX-XXXX, Password: "***"'),
        ("https://u:p@ss@192.0.2.1/x", "https://u:***@192.0.2.1/x"),
        ("Voicemail PIN changed from 4711 to 9876 by 105", "Voicemail PIN changed from *** to *** by 105"),
        ("Log in with PIN 4711, then call.", "Log in with PIN ***, then call."),
        ("voicemail pin code 471199", "voicemail pin code ***"),
        ("VMPin 4711.", "VMPin ***."),
        ('{"\\u0050in\\u0043ode": "4711", "x": "\\u0041"}', '{"\\u0050in\\u0043ode": "***", "x": "\\u0041"}'),
        ("p&#97;ss%77ord=a%41b&x=%41", "p&#97;ss%77ord=***&x=%41"),
        ("mysql -psecret db; curl -u a:secret http://h/", "mysql -p*** db; curl -u a:*** http://h/"),
        ("snmpget -c 'public x' h | mysql -p", "snmpget -c '***' h | mysql -p"),
        (r"net use \\h\x geheim /user:admin", r"net use \\h\x *** /user:admin"),
        ("sip:105;a=b:geheim@192.0.2.1;transport=udp", "sip:105;a=b:***@192.0.2.1;transport=udp"),
        ('"Password":\n    "geheim",\n"x": 1', '"Password":\n    "***",\n"x": 1'),
        ("password:\n  user: 105\nsid=0a1b2c3d4e5f", "password:\n  user: 105\nsid=***"),
        ("P34=abcd&P35=105", "P34=***&P35=105"),
        ("P2=secret\nP35=105", "P2=***\nP35=105"),
        ("basic: YWRtaW46R2VoZWltIQ== sent", "basic: *** sent"),
        (
            "-----BEGIN PRIVATE KEY-----\nAbc\n-----END PRIVATE KEY-----\nx",
            "-----BEGIN PRIVATE KEY-----***-----END PRIVATE KEY-----\nx",
        ),
        ("-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----"),
        ("voicemail PIN for 105 is 4711, said 105", "voicemail PIN for 105 is ***, said 105"),
        (
            "\\u0022Pwd\\u0022:\\u0022x\\u0022,\\u0022a\\u0022:1",
            "\\u0022Pwd\\u0022:\\u0022***\\u0022,\\u0022a\\u0022:1",
        ),
    ],
)
def test_only_the_value_goes(text: str, shown: str) -> None:
    assert without_secrets(text, "***") == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        # what may be a secret by its name is one by its looks: six characters with a digit, or sixteen
        ("StreamKey=Abcde1;x", "StreamKey=***"),
        ("StreamKey=Abcd1;x=2", "StreamKey=Abcd1;x=2"),
        ("StreamKey=Abcdefghijklmnop;x=2", "StreamKey=***;x=2"),
        ("StreamKey=Abcdefghijklmno;x=2", "StreamKey=Abcdefghijklmno;x=2"),
        ('"UserLink": "a/b", "UserLink": "abcdefghijklmnopq"', '"UserLink": "***", "UserLink": "abcdefghijklmnopq"'),
        ('"Pin": "12", "Pin": "123", "Pin": "none"', '"Pin": "12", "Pin": "***", "Pin": "none"'),
        # lists, objects, what was cut
        ('"Passwords": ["a1b2", "c3"], "n": 1', '"Passwords": [***], "n": 1'),
        ('"Password": {"x": "y"}, "n": 1', '"Password": {***}, "n": 1'),
        ('"Password": [cut off', '"Password": [***'),
        ('"Password": "cut\nnext line', '"Password": "***\nnext line'),
        ('"Password": "a\\\\", "Number": "105"', '"Password": "***", "Number": "105"'),
        (
            "<Name>hunter2x9</Name><Password>x</Password><N>7</N>",
            "<Name>hunter2x9</Name><Password>***</Password><N>7</N>",
        ),
        ('{"Name": "Sort", "Value": "hunter2x9"}', '{"Name": "Sort", "Value": "hunter2x9"}'),
        ('{"Name": "SmtpPassword", "Value": "hunter2x9"}', '{"Name": "SmtpPassword", "Value": "***"}'),
    ],
)
def test_what_may_be_a_secret_is_judged_by_its_looks(text: str, shown: str) -> None:
    assert without_secrets(text, "***") == shown


PIECES = (*"\"'\\:=<>{}[],;& /@-", "password", "key", "&quot;", '""', "a1", "%3D")


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_spans_are_in_order_and_inside(text: str) -> None:
    spans = secret_spans(text)
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


@pytest.mark.parametrize(
    "piece", ["password", "password=", "a:", '"', "://", "-u ", "<a ", "response=", "inline:", "key ", "eyj"]
)
def test_length_does_not_explode(piece: str) -> None:
    assert isinstance(secret_spans(piece * (200_000 // len(piece))), list)


def test_every_spelling_is_suspected_among_many_texts() -> None:
    harmless = [f"198.51.100.{n}:5060" for n in range(200)]
    secret = [*spelled(), "K7QT-93XD-ZP4M-2HVB", "Пароль: x1", "Κωδικός: x1y2z3"]
    assert set(secret) <= set(suspects([*harmless, *secret, *harmless]))
    assert not set(harmless) & set(suspects([*harmless, *secret]))


@given(
    st.lists(
        st.one_of(st.text(max_size=30), st.sampled_from([*spelled(), "İ", "pa", "ss=x1y2", "ΟΔΟΣ", "\n", ""])),
        max_size=12,
    )
)
def test_no_text_with_a_secret_is_passed_over(texts: list[str]) -> None:
    assert {text for text in texts if secret_spans(text)} <= set(suspects(texts))


def test_texts_that_contain_a_word_are_named_once_whatever_stands_beside_them() -> None:
    texts = ["word at the beginning", "", "word word", "wo", "rd", "at the end word", "none"]
    assert containing(texts, ["word"]) == {0, 2, 5}
    assert containing(texts, ["word", "none"]) == {0, 2, 5, 6}
    assert containing(["a", "b"], ["c"]) == containing([], ["c"]) == set()
    assert 1 in containing(["x", "secret\nof two lines"], ["secret\nof two"])
    # a word across the border hides none that begins behind it
    assert containing(["x one", "two"], ["one\ntwo", "two"]) >= {1}


def test_words_to_look_for_do_not_reach_over_the_border_of_texts() -> None:
    words = (*secret_shapes.WORDS, *COMMAND_WORDS, *secret_shapes.FOREIGN_WORDS)
    assert not [word for word in words if "\n" in word or word != word.lower()]


def test_spans_that_overlap_go_as_one_and_neighbours_stay_two() -> None:
    assert merged([(4, 6), (0, 3), (2, 4), (8, 9)]) == [(0, 4), (4, 6), (8, 9)]
    assert without("abcdefghi", [(0, 4), (4, 6), (8, 9)], "*") == "**gh*"
    assert without("abc", [], "*") == "abc"


@pytest.mark.parametrize("opening", ["name>", "AuthPassword>", "AuthPassword&gt;", "<password x="])
def test_elements_that_never_end_are_read_in_one_go(opening: str) -> None:
    assert MARK not in without_secrets(opening * 50_000 + f"<AuthPassword>{MARK}", "***")


def test_an_element_longer_than_any_secret_is_masked_to_the_limit() -> None:
    shown = without_secrets(f"<AuthPassword>{MARK}{'x9' * 4000}</AuthPassword>", "***")
    assert MARK not in shown
