"""The command group: quick help, exit codes, readable errors."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from analyzer.cli.main import VERBS, YOUNG_OBJECTS, group, main
from tests.cases import tool
from tests.conftest import ROOT

HEAVY = (
    "numpy",
    "yaml",
    "lxml",
    "hyperscan",
    "sigma",
    "rich",
    "jinja2",
    "holidays",
    "babel",
    "scapy",
    "pandas",
    "msgspec",
)


def test_help_names_every_verb() -> None:
    done = tool("--help")
    assert done.returncode == 0
    assert all(verb in done.stdout for verb in VERBS)


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; from analyzer.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert [name for name in HEAVY if name in done.stderr.split()] == []


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_has_help_with_its_options(verb: str) -> None:
    done = tool(verb, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(f"Usage: tcxtriage {verb}")


def test_unknown_verb_is_wrong_usage() -> None:
    assert tool("analyse").returncode == 2


def test_input_that_is_not_there_is_wrong_usage() -> None:
    done = tool("analyze", "nothere.zip")
    assert done.returncode == 2
    assert "'nothere.zip' does not exist" in done.stderr


def test_no_input_is_wrong_usage() -> None:
    assert tool("analyze").returncode == 2


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04rubbish", b"\x00\xff" * 500])
def test_unreadable_input_is_5_and_the_report_is_printed(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.bin"
    path.write_bytes(content)
    done = tool("analyze", path)
    assert done.returncode == 5
    assert done.stdout.startswith("Nothing in the input could be read")
    assert str(path) in done.stdout.replace("\n", "")


def test_an_empty_folder_is_5_and_said_so(tmp_path: Path) -> None:
    done = tool("analyze", tmp_path)
    assert done.returncode == 5
    assert done.stdout.startswith("Nothing in the input could be read")


def test_exit_code_of_the_installation_alone() -> None:
    arguments = (
        "analyze",
        "sample_bundles/bronze-audio/input",
        "--ticket",
        "sample_bundles/bronze-audio/ticket.yaml",
        "--as-of",
        "2026-11-12",
    )
    assert tool(*arguments).returncode == 3
    assert tool(*arguments, "--installation").returncode == 0
    assert tool(*arguments, "--exit-zero").returncode == 0


def test_a_reader_that_leaves_early_changes_no_exit_code() -> None:
    command = f"{sys.executable} -m analyzer analyze sample_bundles/bronze-audio/input --as-of 2026-11-12 -v | head -c 10 >/dev/null; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "4"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("given", "expected"), [(None, "1"), ("3", "3")])
def test_what_makes_the_start_quick(monkeypatch: pytest.MonkeyPatch, given: str | None, expected: str) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", given or "")
    if given is None:
        monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    monkeypatch.setattr(group, "main", lambda **_: 0)
    before = gc.get_threshold()
    try:
        with pytest.raises(SystemExit) as left:
            main([])
        assert gc.get_threshold() == (YOUNG_OBJECTS, *before[1:])
    finally:
        gc.set_threshold(*before)
    assert left.value.code == 0
    assert os.environ["OPENBLAS_NUM_THREADS"] == expected


def test_internal_error_is_one_sentence_without_the_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("hunter2 is the password")

    monkeypatch.setattr(group, "main", broken)
    monkeypatch.delenv("TCXTRIAGE_DEBUG", raising=False)
    with pytest.raises(SystemExit) as left:
        main(["analyze"])
    said = capsys.readouterr().err
    assert left.value.code == 1
    assert "RuntimeError" in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("words", "json", "text"),
    [
        ((), "Needs information", "Angaben fehlen"),
        (("--lang", "es"), "Requiere", "Requiere"),
        (("--set", "language=fr"), "Informations", "Informations"),
    ],
)
def test_json_is_the_same_whatever_the_environment_speaks(words: tuple[str, ...], json: str, text: str) -> None:
    asked = ("analyze", "--set", "problem=licence", "--as-of", "2026-11-16", *words)
    assert json in tool(*asked, "--format", "json", locale="de_DE.UTF-8").stdout
    assert text in tool(*asked, locale="de_DE.UTF-8").stdout


def test_internal_error_names_our_own_place_where_the_program_is_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packages = tmp_path / "site-packages"
    names: dict[str, Any] = {}
    for file, code in (
        ("library/core.py", "def fail(): raise KeyError('hidden')"),
        ("analyzer/case.py", "\n\ndef work(**_): fail()"),
    ):
        exec(compile(code, str(packages / file), "exec"), names)
    monkeypatch.setattr(sys.modules[main.__module__], "__file__", str(packages / "analyzer" / "cli" / "main.py"))
    monkeypatch.setattr(group, "main", names["work"])
    monkeypatch.delenv("TCXTRIAGE_DEBUG", raising=False)
    with pytest.raises(SystemExit) as left:
        main([])
    assert left.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith(f"Internal error: KeyError in {Path('analyzer/case.py')}:3. ")
    assert "hidden" not in said


def test_a_file_in_the_place_of_a_verb_is_meant_to_be_analyzed(tmp_path: Path) -> None:
    (tmp_path / "bundle.zip").write_bytes(b"")
    done = tool(tmp_path / "bundle.zip")
    assert done.returncode == 2
    assert f"'tcxtriage analyze {tmp_path}/bundle.zip'" in done.stderr


def test_a_word_that_is_no_verb_says_which_there_are() -> None:
    assert "There is no verb 'xyzzy'; verbs are analyze, calls, catalog," in tool("xyzzy").stderr
    assert "did you mean 'analyze'?" in tool("analyse").stderr


def helped(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """A verb and the verbs inside it."""
    yield name, command
    if isinstance(command, click.Group):
        for inner in command.list_commands(click.Context(command)):
            found = command.get_command(click.Context(command), inner)
            assert found
            yield from helped(f"{name} {inner}".strip(), found)


@pytest.mark.parametrize(("name", "command"), list(helped("", group)))
def test_every_verb_has_an_example_of_its_own(name: str, command: click.Command) -> None:
    shown = command.get_help(click.Context(command, info_name="tcxtriage"))
    assert "Examples:" in shown
    assert f"tcxtriage {name}".rstrip() in shown[shown.index("Examples:") :]
