"""No output of the program shows a secret, whatever place or spelling it stands in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from analyzer.cli.main import group, main
from analyzer.redact.secrets import MASK
from tests.analyzer.redact import markers
from tests.analyzer.redact.markers import MARK
from tests.parsers.capture.scenario import Scenario

TICKET = f"""problem: audio
license_key: {MARK}990tR
description: "login with Passwort: {MARK}991tR please; key {MARK}990tR"
steps_before: "https://admin:{MARK}992tR@pbx.example.com"
"""


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("case")
    (folder / "ticket.yaml").write_text(TICKET, encoding="utf-8")
    return markers.write(folder)


def run(*arguments: Any) -> str:
    """What a call writes to both streams."""
    result = CliRunner().invoke(group, [str(a) for a in arguments], env={"LANG": "C", "COLUMNS": "200"})
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.output + result.stderr


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_reports(inputs: list[str], form: str) -> None:
    ticket = str(Path(inputs[0]).with_name("ticket.yaml"))
    shown = run("analyze", *inputs, "--ticket", ticket, "--verbose", "--format", form)
    assert MASK in shown
    assert "No space left on device" in shown
    assert "‹secret›" in shown
    assert MARK not in shown


def test_other_verbs(inputs: list[str]) -> None:
    bundle, capture = inputs[0], next(i for i in inputs if i.endswith(".pcap"))
    shown = run("ticket", "draft", *inputs, "--ticket", Path(bundle).with_name("ticket.yaml"))
    for code in ("SYS-01", "SCOPE-07", "PRV-02"):
        shown += run("explain", code, *(word for path in inputs for word in ("--on", path)))
    assert "No space left on device" in shown
    for form in ("table", "csv", "json"):
        shown += run("calls", capture, "--format", form)
    for form in ("text", "svg", "mermaid"):
        shown += run("ladder", capture, "--call", "call-1", "--format", form)
    assert "call-1" in shown
    assert MARK not in shown


@pytest.mark.parametrize("code", ["TRK-04", "SCOPE-07", "supported.trunk", "excluded.stun-phones", "PRV-02"])
def test_explanations_show_values_without_secrets(code: str, tmp_path: Path) -> None:
    """What a rule compares stands in the explanation: the host of a trunk that holds a password of it."""
    trunk = {
        "Number": "10000",
        "AuthPassword": f"{MARK}1tR",
        "Gateway": {"Name": f"N {MARK}1tR", "Host": f"{MARK}1tR.example.com"},
    }
    export = {"@odata.context": "https://pbx.example.com/xapi/v1/$metadata#Trunks(Gateway())", "value": [trunk]}
    folder = tmp_path / f"password={MARK}2tR"
    folder.mkdir()
    (folder / "Trunks.json").write_text(json.dumps(export), encoding="utf-8")
    assert MARK not in run("explain", code, "--on", folder)


def test_places_are_shown_without_secrets(tmp_path: Path) -> None:
    wire = Scenario()
    wire.answered()
    path = tmp_path / f"password={MARK}1tR.pcap"
    path.write_bytes(wire.pcap()[:-20])
    shown = run("calls", path) + run("frame", path, 1)
    assert "the file ends inside record" in shown
    assert "Frame 1 of" in shown
    assert MARK not in shown


@pytest.mark.parametrize("tshark", [True, False])
def test_bodies_in_frames(tmp_path: Path, tshark: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dissectors tell markup and payloads in lines and orders of their own."""
    if not tshark:
        monkeypatch.setattr("analyzer.ladder.dissect.shutil.which", lambda _: None)
    wire = Scenario(to_user=f"102;x=1:{MARK}1tR")
    wire.request(
        0, "MESSAGE", 1, body=f"<config><P34>{MARK}2tR</P34></config>", headers="Content-Type: application/xml\n"
    )
    wire.request(
        1,
        "INFO",
        2,
        body=f'{{"\\u0070assword": "{MARK}3tR", "n": {{"secret": ["{MARK}6tR"], "pin": 8143}}}}',
        headers="Content-Type: application/json\n",
    )
    web = f"GET /x HTTP/1.1\r\nAuthorization: Basic {MARK}4tR\r\nCookie: sid={MARK}5tR\r\n\r\n"
    wire.send(2, "192.0.2.21:8000", "192.0.2.1:8080", web.encode())
    (tmp_path / "a.pcap").write_bytes(wire.pcap())
    shown = "".join(run("frame", tmp_path / "a.pcap", number) for number in (1, 2, 3))
    assert "102;x=1:" in shown
    assert MARK not in shown
    assert "8143" not in shown


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_frames(inputs: list[str], number: int) -> None:
    capture = next(i for i in inputs if i.endswith(".pcap"))
    shown = run("frame", capture, number)
    assert "sip:" in shown.lower()
    assert MARK not in shown


@pytest.mark.parametrize(
    "text", [f"license_key: [{MARK}", f"password: {MARK}", f"problem: 'password={MARK}'", f'license_key: "\\{MARK}"']
)
def test_tickets_that_are_wrong(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "ticket.yaml"
    path.write_text(text, encoding="utf-8")
    for arguments in (["ticket", "check", str(path)], ["analyze", "--ticket", str(path)]):
        with pytest.raises(SystemExit) as left:
            main(arguments)
        assert left.value.code == 2
        shown = "".join(capsys.readouterr())
        assert "ticket.yaml" in shown
        assert MARK not in shown


def test_messages_hold_no_escape_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["analyze", "x\x1b[31m\u202e.zip", "--set", f"problem=https://a:{MARK}@h/"])
    shown = "".join(capsys.readouterr())
    assert "does not exist" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_columns_keep_what_is_no_secret(inputs: list[str]) -> None:
    result = CliRunner().invoke(group, ["analyze", *inputs, "--format", "json"])
    report = json.loads(result.stdout)
    assert report["phones"][0]["mac"] in ("805e0c112233", "000b82112233")
    assert report["system"]["version"]["value"] == "20.0.9.995"
    assert report["calls"][0]["call_id"] == "call-1"


def test_the_name_that_a_trunk_registers_with_stays(tmp_path: Path) -> None:
    wire = Scenario(from_user="acme-trunk-7", to_user="acme-trunk-7")
    wire.request(0, "REGISTER", 1)
    wire.response(0.1, 200, "REGISTER", 1)
    (tmp_path / "dump.pcap").write_bytes(wire.pcap())
    trunk = {
        "Number": "10000",
        "AuthID": "acme-trunk-7",
        "AuthPassword": "acme-secret-7",
        "Gateway": {"Name": "acme-secret-7"},
    }
    export = {"@odata.context": "https://pbx.example.com/xapi/v1/$metadata#Trunks(Gateway())", "value": [trunk]}
    (tmp_path / "Trunks.json").write_text(json.dumps(export), encoding="utf-8")
    result = CliRunner().invoke(group, ["analyze", str(tmp_path), "--format", "json"])
    report = json.loads(result.stdout)
    assert report["registrations"][0]["user"] == "acme-trunk-7"
    assert report["trunks"][0]["name"] == MASK
    assert "acme-secret-7" not in result.stdout
