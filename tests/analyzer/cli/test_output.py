"""Where results go: files that cannot be written, readers that leave early, streams that are closed."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from analyzer.cli.main import VERBS, group, main
from analyzer.cli.output import is_there, show_lines, terminal_width
from tests.conftest import ROOT

SAMPLE = "sample_bundles/stun-phone/input/export/Users.json"


def said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int | str | None, str]:
    """Exit code and what stands on standard error; nothing may stand on standard output."""
    with pytest.raises(SystemExit) as left:
        main(arguments)
    shown = capsys.readouterr()
    assert shown.out == ""
    return left.value.code, shown.err


def shell(command: str) -> subprocess.CompletedProcess[str]:
    line = command.replace("TOOL", f"{sys.executable} -m analyzer")
    return subprocess.run(["bash", "-c", line], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("verb", ["analyze {}", "ladder {} --call x", "ticket draft {}"])
def test_a_result_does_not_go_over_an_input(verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bundle.zip"
    path.write_bytes(b"precious")
    other = tmp_path / "sub" / ".." / "bundle.zip"
    (tmp_path / "sub").mkdir()
    code, text = said([*verb.format(path).split(), "--output", str(other)], capsys)
    assert (code, "is one of the inputs" in text) == (2, True)
    assert path.read_bytes() == b"precious"


def test_a_result_does_not_go_over_the_ticket(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ticket = tmp_path / "ticket.yaml"
    ticket.write_text("problem: audio\n", encoding="utf-8")
    code, text = said(["analyze", "--ticket", str(ticket), "-o", str(ticket)], capsys)
    assert (code, "is one of the inputs" in text) == (2, True)


def test_places_that_cannot_be_written_are_said_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for output, why in ((tmp_path, "is a folder"), (tmp_path / "no" / "x.html", "there is no folder")):
        code, text = said(["analyze", SAMPLE, "--output", str(output)], capsys)
        assert (code, why in text) == (2, True)
        assert str(output) in text


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = said(["analyze", SAMPLE, "--output", "/dev/full"], capsys)
    assert (code, text) == (1, "Error: /dev/full could not be written: No space left on device.\n")
    for verb in (f"analyze {SAMPLE}", "policy show"):
        done = shell(f"TOOL {verb} > /dev/full")
        assert done.returncode == 1
        assert done.stderr.endswith("The result could not be written: No space left on device.\n")


def test_a_reader_that_leaves_is_no_error() -> None:
    done = shell("TOOL catalog show phones | true; echo ${PIPESTATUS[0]}")
    assert (done.stdout.splitlines()[-1], done.stderr) == ("0", "")
    done = shell(f"TOOL analyze {SAMPLE} --format json | head -1; echo ${{PIPESTATUS[0]}}")
    assert (done.stdout.splitlines(), done.stderr) == (["{", "3"], "")


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-"])
def test_closed_streams_do_not_matter(closed: str) -> None:
    assert shell(f"TOOL analyze {SAMPLE} {closed}").returncode == 3
    assert shell(f"TOOL ticket new {closed}").returncode == 0


@pytest.mark.parametrize(("typed", "meant"), [("analyse", "analyze"), ("tickets", "ticket"), ("lader", "ladder")])
def test_the_nearest_verb_is_named(typed: str, meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = said([typed, "x.zip"], capsys)
    assert (code, f"There is no verb {typed!r}; did you mean {meant!r}?" in text) == (2, True)


def test_a_verb_that_is_like_none_names_none(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = said(["qqqq"], capsys)
    assert (code, "There is no verb 'qqqq'; verbs are analyze, calls," in text) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["analyze", SAMPLE, "--as-of", "2026-13-01"], "'2026-13-01' is no day; write it as 2026-05-01."),
        (["analyze", SAMPLE, "--about", "problem:audoi"], "did you mean 'problem:audio'?"),
        (["analyze", SAMPLE, "--about", "foo:1"], "allowed: ext:105"),
        (["explain", "excluded.stun"], "did you mean 'excluded.stun-phones'?"),
    ],
)
def test_wrong_words_are_told_apart(arguments: list[str], text: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, shown = said(arguments, capsys)
    assert (code, text in shown) == (2, True)


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_has_examples(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = group.get_command(None, verb)  # type: ignore[arg-type]
    names = [[verb, name] for name in getattr(command, "commands", {})] or [[verb]]
    for name in names:
        with pytest.raises(SystemExit) as left:
            main([*name, "--help"])
        shown = capsys.readouterr().out
        assert left.value.code == 0
        assert f"\n  Examples:\n    tcxtriage {' '.join(name)}" in shown


def test_names_that_are_no_utf8_are_no_error(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    path = os.fsencode(tmp_path) + b"/x\xff.json"
    try:
        Path(os.fsdecode(path)).write_bytes((ROOT / SAMPLE).read_bytes())
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    for form in ("text", "json", "html"):
        with pytest.raises(SystemExit) as left:
            main(["analyze", os.fsdecode(path), "--format", form])
        shown = capfdbinary.readouterr().out.decode("utf-8")
        assert left.value.code == 3
        assert "SCOPE-07" in shown
        if form == "json":
            assert json.loads(shown)["case"]["inputs"][0].endswith("/x\ufffd.json")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_without_the_characters_is_no_error(encoding: str) -> None:
    done = shell(f"PYTHONIOENCODING={encoding} TOOL analyze {SAMPLE} --lang el | wc -l; echo ${{PIPESTATUS[0]}}")
    assert (done.stdout.splitlines()[-1], done.stderr) == ("3", "")
    done = shell(f"PYTHONIOENCODING={encoding} TOOL analyze {SAMPLE} --lang el --format json")
    assert "\u03b1" in json.loads(done.stdout)["verdict"]["summary"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the administrator may enter every folder")
def test_folders_that_may_not_be_entered_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    for arguments in (["analyze", str(closed / "x.zip")], ["analyze", SAMPLE, "-o", str(closed / "x.html")]):
        code, text = said(arguments, capsys)
        assert (code, "Permission denied" in text) == (2, True)


def test_an_error_of_the_system_on_an_input_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, **_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "stat", refuse)
        with pytest.raises(click.UsageError) as wrong:
            is_there("x.pcap")
    assert wrong.value.message == "Input 'x.pcap' cannot be read: Permission denied."


def test_lines_stay_lines_away_from_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    show_lines(["Meaning: " + "word " * 60, "", "  - item"])
    assert capsys.readouterr().out == "Meaning: " + "word " * 60 + "\n\n  - item\n"


def test_long_lines_go_on_behind_their_label_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("analyzer.cli.output.is_terminal", lambda _stream: True)
    monkeypatch.setenv("COLUMNS", "20")
    show_lines(["Says: one two three four", "  - five six seven eight", "", "nine ten eleven twelve"])
    assert capsys.readouterr().out.splitlines() == [
        "Says: one two three",
        "      four",
        "  - five six seven",
        "    eight",
        "",
        "nine ten eleven",
        "twelve",
    ]


def test_a_wide_terminal_is_not_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    assert (terminal_width(), terminal_width(100)) == (120, 100)
