"""Packs from folders, and their cache."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import hyperscan
import pytest
import yaml

from analyzer.pack import Pack, PackError, load, scan
from analyzer.pack.folder import own_folder, rule_files
from analyzer.pack.ir import Pattern
from parsers import cache
from parsers.expressions import Expression
from tests.analyzer.pack.rules import count_rule, event_part, log_rule, rule, write


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small folder in the place of the program's own, and an empty cache."""
    monkeypatch.setenv("TCXTRIAGE_CACHE", str(tmp_path / "cache" / "tcxtriage"))
    folder = write(tmp_path / "own" / "phone", rule(), log_rule()).parent
    (folder / "pack.yaml").write_text("version: '2026.11.1'\nminimum_engine: '0.1'\n")
    write(folder / "policy", {"no": "rule"})
    monkeypatch.setattr(load, "own_folder", lambda: folder)
    return folder


def codes(pack: Pack) -> list[str]:
    return [item.code for item in pack.rules]


def test_the_programs_own_rules(own: Path) -> None:
    pack = load.load_pack()
    assert (pack.version, codes(pack), pack.problems) == ("2026.11.1", ["ABC-01", "LOG-01"], ())
    found = pack.rule("abc-01")
    assert found is not None
    assert found.file == "signatures/phone/rules.yaml"
    assert pack.rule("NO-01") is None
    assert pack.scanner() is pack.scanner()
    assert pack.scanner().scan(b"a line\nThe Disk is Gone\n") == [22]
    assert [path.parent.name for path in rule_files(own)] == ["phone"]


def test_aliases_name_their_rule(own: Path) -> None:
    write(own / "phone", rule(aliases=["OLD-07"]))
    found = load.load_pack().rule("old-07")
    assert found is not None
    assert found.code == "ABC-01"


def test_a_broken_rule_of_the_program_is_left_out_and_named(own: Path) -> None:
    write(own / "phone", rule("BAD-01", level="severe"), file="bad.yaml")
    pack = load.load_pack()
    assert codes(pack) == ["ABC-01", "LOG-01"]
    assert pack.problems == ("signatures/phone/bad.yaml:6: 'severe' is not a valid Sigma rule level",)


def test_a_users_rules_come_on_top(tmp_path: Path) -> None:
    mine = write(tmp_path / "mine", rule("ABC-01", title="Mine"), rule("NEW-01"))
    pack = load.load_pack([mine])
    assert codes(pack) == ["ABC-01", "LOG-01", "NEW-01"]
    assert pack.version == "2026.11.1+local"
    found = pack.rule("ABC-01")
    assert found is not None
    assert (found.title, found.file) == ("Mine", str(mine / "rules.yaml"))


def test_rules_can_be_switched_off(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "pack.yaml").write_text("version: '7'\ndisable: [ABC-01]\n")
    pack = load.load_pack([mine])
    assert (codes(pack), pack.version) == (["LOG-01"], "2026.11.1+7")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("disable: [NO-01]", "there is no rule NO-01"),
        ("disable: ABC-01", "disable is a list of codes"),
        ("minimum_engine: '99.1'", "needs tcxtriage 99.1 or later"),
        ("minimum_engine: new", "is a version such as 0.1"),
        ("verison: 1", "key 'verison' is not known"),
        ("- x", "a rule is a mapping"),
        ("a: 1\n---\nb: 1", "is one mapping"),
    ],
)
def test_a_users_pack_file_that_is_wrong(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "pack.yaml").write_text(content)
    with pytest.raises(PackError, match=r"pack\.yaml") as caught:
        load.load_pack([tmp_path])
    assert words in str(caught.value)


def test_a_users_broken_rule_is_an_error_with_its_place(tmp_path: Path) -> None:
    mine = write(tmp_path / "mine", rule("BAD-01", owner="nobody"), rule("BAD-02", confidence=200))
    with pytest.raises(PackError) as caught:
        load.load_pack([mine])
    assert [(item.line, item.file) for item in caught.value.problems] == [
        (9, str(mine / "rules.yaml")),
        (39, str(mine / "rules.yaml")),
    ]
    assert "owner 'nobody' is not known" in str(caught.value)


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="is no folder"):
        load.load_pack([tmp_path / "nothing"])


def test_names_that_stand_twice_in_one_folder(own: Path) -> None:
    write(own / "phone", rule("ABC-01"), file="second.yaml")
    assert load.load_pack().problems == (
        "signatures/phone/second.yaml:3: name 'abc_01' stands in signatures/phone/rules.yaml already",
    )


def test_correlations_over_rules_that_are_not_there(own: Path) -> None:
    write(own / "x", count_rule())
    assert "rule 'part_a' is not there" in load.load_pack().problems[0]


def test_correlations_in_a_circle(own: Path) -> None:
    temporal = {"type": "temporal", "condition": None, "group-by": None}
    write(
        own / "x",
        count_rule("CNT-01", temporal | {"rules": ["cnt_02", "abc_01"]}),
        count_rule("CNT-02", temporal | {"rules": ["cnt_01", "abc_01"]}),
    )
    pack = load.load_pack()
    assert codes(pack) == ["ABC-01", "LOG-01"]
    assert all("rests on this one" in text or "is not there" in text for text in pack.problems)


def test_a_correlation_speaks_for_its_rules_unless_it_says_generate(own: Path) -> None:
    write(own / "x", event_part("part_a", 1), count_rule())
    assert load.load_pack().silenced == {"part_a"}
    write(own / "x", event_part("part_a", 1), count_rule(correlation={"generate": True}))
    assert load.load_pack().silenced == frozenset()


def test_a_log_rule_without_fixed_text_does_not_load(own: Path) -> None:
    write(own / "x", log_rule("LOG-02", detection={"a": {"level": "error"}, "condition": "a"}))
    assert "without any fixed text" in load.load_pack().problems[0]


def test_a_pattern_that_the_scanner_does_not_take(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def picky(patterns: Sequence[Pattern]) -> object:
        if any("log_02" in item.rules for item in patterns):
            raise hyperscan.error("Pattern is too large.")
        return scan.build(patterns)

    monkeypatch.setattr("analyzer.pack.build.build", picky)
    write(own / "x", log_rule("LOG-02", detection={"a": {"text|contains": "other text"}, "condition": "a"}))
    pack = load.load_pack()
    assert codes(pack) == ["ABC-01", "LOG-01"]
    assert pack.problems == (
        "signatures/x/rules.yaml:13: the line scanner does not take the pattern: Pattern is too large.",
    )
    assert pack.scanner().scan(b"disk is gone") == [11]


def stored(folder: Path) -> list[Path]:
    return sorted((folder / "cache" / "tcxtriage").iterdir())


def test_the_second_load_comes_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load.load_pack()
    first.scanner()
    assert [path.suffix for path in stored(tmp_path)] == [".pack", ".scan"] or {
        path.suffix for path in stored(tmp_path)
    } == {".pack", ".scan"}

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("analyzer.pack.build.build_pack", never)
    monkeypatch.setattr("analyzer.pack.scan.build", never)
    second = load.load_pack()
    assert second.rules == first.rules
    assert second.scanner().scan(b"disk is gone") == [11]


def test_a_database_with_what_others_look_for_comes_from_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    hay, straw = (Expression("hay"),), (Expression("straw"),)
    data = b"hay\ndisk is gone\nstraw"
    first = load.load_pack().scanner()
    assert first.scan_with(data, hay) == ([15], [(0, 3)])
    assert first.scan_with(data, straw) == ([15], [(0, 22)])

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("analyzer.pack.scan.build", never)
    second = load.load_pack().scanner()
    assert second.scan_with(data, straw) == ([15], [(0, 22)])
    assert second.scan_with(data, hay) == ([15], [(0, 3)])
    with pytest.raises(AssertionError):
        second.scan_with(data, hay + straw)


def test_any_change_of_a_rule_makes_it_anew(own: Path) -> None:
    load.load_pack()
    path = own / "phone" / "rules.yaml"
    path.write_text(path.read_text().replace("Title of ABC-01", "Changed"))
    found = load.load_pack().rule("ABC-01")
    assert found is not None
    assert found.title == "Changed"


def aged(folder: Path) -> None:
    """As if all files had been written an hour ago."""
    hour = time.time_ns() - 3_600_000_000_000
    for path in folder.rglob("*.yaml"):
        os.utime(path, ns=(hour, hour))


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute has passed since anything was written."""
    monkeypatch.setattr("analyzer.pack.cache.time.time_ns", lambda now=time.time_ns: now() + 60_000_000_000)


def read_files(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the rule files that are read from now on."""
    names: list[str] = []
    real = Path.read_bytes

    def noted(path: Path) -> bytes:
        if path.suffix == ".yaml":
            names.append(path.name)
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", noted)
    return names


@pytest.mark.usefixtures("later")
def test_files_that_did_not_change_are_not_read_again(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = load.load_pack()
    names = read_files(monkeypatch)
    assert load.load_pack().rules == before.rules
    assert names == []
    write(own / "more", rule("NEW-01"), file="more.yaml")
    assert codes(load.load_pack()) == ["ABC-01", "LOG-01", "NEW-01"]
    assert set(names) >= {"rules.yaml", "more.yaml"}
    (own / "more" / "more.yaml").unlink()
    assert codes(load.load_pack()) == ["ABC-01", "LOG-01"]


@pytest.mark.usefixtures("later")
def test_a_change_that_keeps_size_and_time_is_noticed(own: Path) -> None:
    path = own / "phone" / "rules.yaml"
    load.load_pack()
    state = path.stat()
    path.write_text(path.read_text().replace("Title of ABC-01", "Other of ABC-01"))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    found = load.load_pack().rule("ABC-01")
    assert found is not None
    assert found.title == "Other of ABC-01"


def test_files_that_were_just_written_are_read_again(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    aged(own)  # their content is as young as before
    load.load_pack()
    names = read_files(monkeypatch)
    load.load_pack()
    assert "rules.yaml" in names


@pytest.mark.usefixtures("later")
def test_a_remembered_name_of_no_pack_is_no_error(tmp_path: Path) -> None:
    load.load_pack()
    [known] = [path for path in stored(tmp_path) if path.suffix == ".known"]
    content = cache.read("known", known.stem)
    assert content is not None
    for wrong in (b"", content[:32], content[:32] + b"\xff" * 32):
        cache.write("known", known.stem, wrong)
        assert codes(load.load_pack()) == ["ABC-01", "LOG-01"]


@pytest.mark.parametrize("damage", [b"", b"x" * 10, None])
def test_a_damaged_cache_is_no_error(tmp_path: Path, damage: bytes | None) -> None:
    load.load_pack().scanner()
    for path in stored(tmp_path):
        data = path.read_bytes()
        path.write_bytes(data[:-3] if damage is None else damage)
    pack = load.load_pack()
    assert codes(pack) == ["ABC-01", "LOG-01"]
    assert pack.scanner().scan(b"disk is gone") == [11]


def test_a_changed_byte_in_the_cache_is_noticed(tmp_path: Path) -> None:
    load.load_pack()
    [path] = [path for path in stored(tmp_path) if path.suffix == ".pack"]
    path.write_bytes(path.read_bytes().replace(b"Title of ABC", b"Other of ABC"))
    found = load.load_pack().rule("ABC-01")
    assert found is not None
    assert found.title == "Title of ABC-01"


def test_a_whole_file_of_another_content_is_no_error(tmp_path: Path) -> None:
    load.load_pack().scanner()
    for path in stored(tmp_path):
        cache.write(path.suffix[1:], path.stem, b"\x81\xa1x\x01")
    pack = load.load_pack()
    assert codes(pack) == ["ABC-01", "LOG-01"]
    assert pack.scanner().scan(b"disk is gone") == [11]


def test_no_place_for_a_cache_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TCXTRIAGE_CACHE", str(tmp_path / "file" / "below"))
    pack = load.load_pack()
    assert pack.scanner().scan(b"disk is gone") == [11]


def test_a_warm_start_imports_no_reader_of_rules(tmp_path: Path) -> None:
    program = (
        "import sys; from analyzer.pack import load_pack; load_pack().scanner().scan(b'x');"
        "print(sorted({'sigma', 'yaml', 're2', 'numpy', 'lxml', 'pyparsing'} & set(sys.modules)))"
    )
    env = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "own-cache")}
    root = own_folder().parent
    shown = [
        subprocess.run(
            [sys.executable, "-c", program], env=env, cwd=root, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert shown[1] == "[]\n"


def test_yaml_that_is_not_utf8_is_read_as_it_can_be(own: Path) -> None:
    (own / "x").mkdir()
    data = yaml.safe_dump(rule("UTF-01", title="Señal"), allow_unicode=True).encode("latin-1")
    (own / "x" / "latin.yaml").write_bytes(data)
    found = load.load_pack().rule("UTF-01")
    assert found is not None
    assert found.title == "Se\ufffdal"
