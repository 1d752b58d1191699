"""Rule files and the lines of their keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.pack.build import build_pack
from analyzer.pack.document import MAX_DEPTH, MAX_FILE_BYTES, parse_documents, read_documents
from analyzer.pack.errors import PackError
from analyzer.pack.folder import open_folder


def problem(text: str) -> str:
    with pytest.raises(PackError) as caught:
        list(parse_documents(text, "f.yaml"))
    return str(caught.value)


def test_lines_of_keys_and_entries() -> None:
    first, second = parse_documents("a: 1\nb:\n  - c: 2\n  - d\n---\ne: 3\n", "f.yaml")
    assert first.data == {"a": 1, "b": [{"c": 2}, "d"]}
    assert (first.line("a"), first.line("b"), first.line("b", 0, "c"), first.line("b", 1)) == (1, 2, 3, 4)
    assert first.line("b", 0, "nothing", "below") == 3
    assert first.line("nothing") == 1
    assert second.line("e") == 6
    assert str(second.problem("is odd", "e")) == "f.yaml:6: is odd"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\na: 2\n", 2, "stands twice"),
        ("- a\n", 1, "a rule is a mapping"),
        ("a: 1\nb: [1\n", 3, "no valid YAML"),
        ("x: &x {a: 1}\ny: *z\n", 2, "no valid YAML"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, "no valid YAML"),
        ("a: " + "[" * 30 + "]" * 30, 1, "nested deeper"),
    ],
)
def test_broken_files_name_the_line(text: str, line: int, words: str) -> None:
    assert problem(text).startswith(f"f.yaml:{line}: ")
    assert words in problem(text)


def test_aliases_that_grow_without_end_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "keys and entries" in problem("\n".join(lines))


def test_unreadable_and_huge_files(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"gone\.yaml: cannot be read"):
        read_documents(tmp_path / "gone.yaml", "gone.yaml")
    (tmp_path / "huge.yaml").write_bytes(b"#" * (MAX_FILE_BYTES + 1))
    with pytest.raises(PackError, match="larger than"):
        read_documents(tmp_path / "huge.yaml", "huge.yaml")


@pytest.mark.parametrize("text", ["- " * 200_000, "a: " + "[" * 200_000, "a: 1\nb: " + "{c: " * 200_000])
def test_depth_is_refused_before_anything_is_composed(text: str) -> None:
    assert f"is nested deeper than {MAX_DEPTH}" in problem(text)
    assert problem(text).startswith("f.yaml:2" if "\n" in text else "f.yaml:1")


def test_depth_that_is_left_again_does_not_add_up() -> None:
    (document,) = parse_documents("a: [" + "[b], " * 50 + "]", "f.yaml")
    assert document.data == {"a": [["b"]] * 50}


def test_faults_of_a_folder_named_from_here_name_their_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ours" / "more").mkdir(parents=True)
    (tmp_path / "ours" / "more" / "r.yaml").write_text("- x\n", "utf-8")
    built = build_pack([open_folder(Path("ours"), own=False)])
    assert [str(problem) for problem in built.problems] == ["ours/more/r.yaml:1: a rule is a mapping of keys to values"]
