"""Secrets behind options of commands; what other commands and options mean stays."""

from __future__ import annotations

import pytest

from parsers.secret_commands import REACH, typed_spans


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in typed_spans(text, text.lower())]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("mysql -pgeheim -u root", ["geheim"]),
        ("/usr/bin/mysqldump --single -p'two words' x", ["two words"]),
        ('mysql.exe -p"geheim"', ["geheim"]),
        ("mysql -u root -p 3cx", []),
        ("mysql -P3306", []),
        ("mysql -p -h x", []),
        ("curl -sku admin:geheim https://x/ -H a", ["geheim"]),
        ("curl -Uproxy:geheim https://x/", ["geheim"]),
        ("curl -o a:b https://x/", []),
        ("sshpass -pgeheim ssh; sshpass -p 'g 2' scp", ["geheim", "g 2"]),
        ("sshpass -f file ssh", []),
        ("smbclient -U admin%geheim //h/x", ["geheim"]),
        ("smbclient -U admin //h/x", []),
        (r"net use \\h\x /user:d\admin geheim /persistent:no", ["geheim"]),
        (r"net use \\h\x geheim /user:admin", ["geheim"]),
        (r"net use \\h\x /user:admin /persistent:no", []),
        ("plink -pw geheim host", ["geheim"]),
        ("sqlcmd -S h -U sa -P geheim", ["geheim"]),
        ("sqlcmd -p 1", []),
        ("ldapsearch -x -w geheim -b dc=x", ["geheim"]),
        ("snmpwalk -v2c -c geheim 192.0.2.1", ["geheim"]),
        ("snmpget -v3 -a MD5 -A one -x DES -X two 192.0.2.1", ["one", "two"]),
        ("7z x -pgeheim a.7z", ["geheim"]),
        ("zip -P geheim a.zip b", ["geheim"]),
        ("unzip -p a.zip b", []),
        ("htpasswd -cb /etc/x admin geheim", ["geheim"]),
        ("openssl enc -aes-256-cbc -k geheim", ["geheim"]),
        ("xfreerdp /v:h /u:a /p:geheim", ["geheim"]),
        ("psexec64 -u a -p geheim", ["geheim"]),
        ("notmysql -pgeheim, mysql.conf -pgeheim", []),
        ("nmap -p5060 h", []),
        ("mysql | nmap -p5060 h", []),
        ("mysql\nnmap -p5060 h", []),
        ("mysql" + " x" * (REACH // 2) + " -pgeheim", []),
        ("mysql mysql -pgeheim", ["geheim"]),
    ],
)
def test_values_of_options(text: str, values: list[str]) -> None:
    assert found(text) == values
