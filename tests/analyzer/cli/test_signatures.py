"""The verb ``signatures``."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner, Result

from analyzer.cli.signatures import command
from tests.analyzer.pack.rules import LINE, rule, write

Call = Callable[..., Result]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Runs the verb over a small pack in the place of the program's own; what it returns becomes the exit code."""
    own = write(tmp_path / "own" / "phone", rule()).parent
    (own / "pack.yaml").write_text("version: '7'\n")
    monkeypatch.setenv("TCXTRIAGE_CACHE", "/dev/null/none")
    for reader in ("analyzer.pack.registers", "analyzer.scope.policy"):
        importlib.import_module(reader)  # it reads the program's own folder, not what stands in for it
    for place in ("analyzer.pack.load", "analyzer.pack.folder"):
        monkeypatch.setattr(f"{place}.own_folder", lambda: own)

    def run(*words: str | Path, given: str | None = None) -> Result:
        result = CliRunner().invoke(command, [str(word) for word in words], input=given, standalone_mode=False)
        if result.exception is not None and hasattr(result.exception, "format_message"):
            raise result.exception
        return result

    return run


def test_list(call: Call, tmp_path: Path) -> None:
    mine = write(tmp_path / "mine", rule("NEW-01", level="low", aliases=["OLD-01"]))
    lines = call("list", "--signatures", mine).stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [["ABC-01", "high"], ["NEW-01", "low"], ["2", "signatures,"]]
    shown = json.loads(call("list", "--format", "json", "--group", "new", "--signatures", mine).stdout)
    assert shown["version"] == "7+local"
    assert [item["code"] for item in shown["signatures"]] == ["NEW-01"]
    assert shown["signatures"][0]["aliases"] == ["OLD-01"]


def test_list_names_what_was_left_out(call: Call, tmp_path: Path) -> None:
    write(tmp_path / "own" / "phone", rule("BAD-01", owner="nobody"), file="bad.yaml")
    assert "left out: signatures/phone/bad.yaml:9: owner 'nobody'" in call("list").stderr


def test_test(call: Call, tmp_path: Path) -> None:
    good = call("test")
    assert good.stdout == "1 rules ok, 1 firing and 1 silent samples\n"
    assert good.return_value == 0
    bad = call(
        "test",
        "--signatures",
        write(tmp_path / "mine", rule("BAD-01", detection={"a": {"model": "x"}, "condition": "a"})),
    )
    assert bad.return_value == 1
    assert "rules.yaml:27: this sample is to fire, but the rule is silent on it: model is 'x' is unknown" in bad.stderr


def test_lint(call: Call, tmp_path: Path) -> None:
    assert call("lint").return_value == 0
    found = call("lint", "--signatures", write(tmp_path / "mine", rule("BAD-01", confidence=10)))
    assert found.return_value == 1
    assert "at most low [level-confidence]" in found.stdout
    assert found.stderr == "2 findings\n"


def test_new_from_a_line_and_from_a_row(call: Call, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    line = LINE.format("Could not open the device")
    made = call("new", "NEW-01", "--title", "Device gone", "--line", "-", "-o", mine / "a.yaml", given=f"{line}\n")
    assert made.stderr == f"Rule written to {mine / 'a.yaml'}.\n"
    shown = call("new", "NEW-02", "--title", "Odd", "--row", '{"vendor": "Other"}', "--table", "phone").stdout
    (mine / "b.yaml").write_text(shown)
    assert yaml.safe_load(shown)["detection"]["seen"] == {"vendor": "Other"}
    assert "NEW-01" in call("list", "--signatures", mine).stdout
    assert call("lint", "--signatures", mine).return_value == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["new", "new", "--title", "t", "--line", "x"], "not of the form"),
        (["new", "NEW-01", "--title", "t"], "Give either --line or --row"),
        (["new", "NEW-01", "--title", "t", "--row", "{}"], "--row needs --table"),
        (["new", "NEW-01", "--title", "t", "--row", "{", "--table", "phone"], "The row is no JSON"),
        (["new", "NEW-01", "--title", "t", "--row", "[]", "--table", "phone"], "no JSON object"),
        (["new", "NEW-01", "--title", "t", "--line", "x", "--kind", "no_log"], "no parser reads"),
        (["convert", "--to", "splunk", "NO-01"], "There is no signature 'NO-01'"),
    ],
)
def test_wrong_usage(call: Call, words: list[str], message: str) -> None:
    with pytest.raises(Exception, match=message):
        call(*words)


def test_new_never_overwrites(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("mine")
    with pytest.raises(Exception, match="File exists"):
        call("new", "NEW-01", "--title", "t", "--row", '{"vendor": "x"}', "--table", "phone", "-o", tmp_path / "a.yaml")
    assert (tmp_path / "a.yaml").read_text() == "mine"


def test_convert(call: Call) -> None:
    pytest.importorskip("sigma.backends.splunk", reason="the backend for splunk is not installed (extra convert)")
    assert call("convert", "--to", "splunk").return_value == 0
    found = call("convert", "--to", "splunk", "abc-01")
    assert found.return_value == 1
    assert "only rules over single log records" in found.stderr


def test_of_a_code_with_several_rules_those_over_logs_are_converted(call: Call, tmp_path: Path) -> None:
    pytest.importorskip("sigma.backends.splunk", reason="the backend for splunk is not installed (extra convert)")
    log = rule(
        "ABC-01",
        name="abc_01_log",
        id="5e0c9b1d-1111-4000-8000-000000000009",
        logsource={"product": "3cx", "category": "log"},
        detection={"seen": {"text|contains": "disk is odd"}, "condition": "seen"},
        message="Odd.",
        samples={
            "fires": [{"log": [{"kind": "service_log", "text": "the disk is odd"}]}],
            "silent": [{"log": [{"kind": "service_log", "text": "fine"}]}],
        },
    )
    found = call("convert", "--to", "splunk", "abc-01", "--signatures", write(tmp_path / "mine", log))
    assert (found.return_value, "disk is odd" in found.stdout) == (0, True)


def test_list_of_all_codes(call: Call, tmp_path: Path) -> None:
    mine = write(tmp_path / "mine", rule("NEW-01", aliases=["OLD-01"]))
    lines = call("list", "--all", "--signatures", mine).stdout.splitlines()
    assert ["OLD-01", "alias", "NEW-01"] in [line.split() for line in lines]
    assert any(line.startswith("SCOPE-24 ") and " scope " in line for line in lines)
    others = json.loads(call("list", "--all", "--group", "cor", "--format", "json").stdout)["others"]
    assert {"code": "COR-17", "sort": "engine", "title": "The scope follows root causes"} in others
    assert all(item["code"].startswith("COR-") for item in others)
    assert "others" not in json.loads(call("list", "--format", "json").stdout)


def test_docs(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "OLD-99.md").write_text("gone")
    (folder / "own.md").write_text("mine")
    done = call("docs", folder)
    assert done.return_value == 0
    assert not (folder / "OLD-99.md").exists()
    assert (folder / "own.md").read_text() == "mine"
    text = (folder / "ABC-01.md").read_text()
    assert text.startswith("# ABC-01: Title of ABC-01\n")
    assert "It says: {vendor} {model} is odd." in text
    assert "| evidence | standard: follows from a standard (RFC, ITU, POSIX …) |" in text
    assert "- none known" in text
    assert "(ABC-01.md)" in (folder / "README.md").read_text()


def test_a_group_that_is_none_is_no_empty_list(call: Call) -> None:
    with pytest.raises(click.UsageError, match="There is no group 'zz'; there are ABC, "):
        call("list", "--group", "zz")
