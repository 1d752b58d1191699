"""Standing folders of signatures: the configuration file."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from analyzer.cli.own_packs import config_file, configured, signatures_option


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TCXTRIAGE_CONFIG", str(tmp_path / "config.yaml"))
    (tmp_path / "ours").mkdir()
    return tmp_path / "config.yaml"


def test_no_file_is_no_folder(config: Path) -> None:
    assert configured() == ()
    config.write_text("")
    assert configured() == ()


def test_folders_stand_before_those_of_the_command(config: Path, tmp_path: Path) -> None:
    config.write_text(f"signatures: [ours, {tmp_path}]\n")
    assert configured() == (tmp_path / "ours", tmp_path)
    (tmp_path / "further").mkdir()

    @click.command()
    @signatures_option()
    def command(packs: tuple[Path, ...]) -> tuple[Path, ...]:
        return packs

    given = ["--signatures", str(tmp_path / "further")]
    assert command.main(given, standalone_mode=False) == (tmp_path / "ours", tmp_path, tmp_path / "further")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("signatures: ours", "is a list of folders"),
        ("signatures: [7]", "is a list of folders"),
        ("signatures: [nowhere]", "nowhere is no folder"),
        ("signature: [ours]", "the only key is 'signatures'"),
        ("- ours", "the only key is 'signatures'"),
        ("signatures: [", "is no YAML"),
        ("signatures: !!python/object/apply:os.getcwd []", "is no YAML"),
    ],
)
def test_what_is_wrong_is_named(config: Path, text: str, said: str) -> None:
    config.write_text(text)
    with pytest.raises(click.UsageError, match=said) as raised:
        configured()
    assert str(config) in raised.value.message


def test_where_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TCXTRIAGE_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", "/srv/x")
    assert config_file() == Path("/srv/x/tcxtriage/config.yaml")
