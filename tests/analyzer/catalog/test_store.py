from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest

from analyzer.catalog import Catalog, CatalogError
from analyzer.catalog.schema import LISTS, Builds
from analyzer.catalog.store import choose, dump, open_list, packaged_dir, parse
from parsers import cache

OWN = b"catalog: builds\nas_of: %s\nrows:\n- {product: pbx, version: 20.0.10.1201, channel: final, first_known: 2026-11-03, source: me}\n"


def put(folder: Path, data: bytes) -> Path:
    path = folder / "data" / "catalog" / "builds.yaml"
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    return path


def compiled(folder: Path) -> list[Path]:
    return sorted((folder / "cache").glob("*.builds.catalog"))


def test_the_second_reading_comes_from_the_compiled_form(fresh_cache: Path) -> None:
    first = open_list("builds", packaged_dir()).content
    [form] = compiled(fresh_cache)
    changed = dump(first).replace(b"20.0.9.995", b"20.0.9.996")
    name = form.name.partition(".")[0]
    cache.write("builds.catalog", name, msgspec.msgpack.encode(parse("builds", changed, form)))
    again = open_list("builds", packaged_dir()).content
    assert isinstance(again, Builds)
    assert any(row.version == "20.0.9.996" for row in again.rows)


@pytest.mark.parametrize("damage", [b"", b"\x00" * 100, b"\x81\xa7catalog\xa6builds", b"\xc1"])
def test_a_damaged_compiled_form_is_made_anew(fresh_cache: Path, damage: bytes) -> None:
    whole = open_list("builds", packaged_dir()).content
    [form] = compiled(fresh_cache)
    good = form.read_bytes()
    form.write_bytes(damage)
    assert open_list("builds", packaged_dir()).content == whole
    assert form.read_bytes() == good


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    monkeypatch.setenv("TCXTRIAGE_CACHE", str(blocked))
    assert isinstance(open_list("builds", packaged_dir()).content, Builds)


def test_an_old_compiled_form_is_removed(fresh_cache: Path) -> None:
    _ = open_list("builds", packaged_dir()).content
    put(fresh_cache, OWN % b"2026-11-20")
    _ = choose("builds").content
    assert len(compiled(fresh_cache)) == 1


def test_an_own_list_is_used_while_it_is_as_new(own_folders: Path) -> None:
    put(own_folders, OWN % b"2026-11-20")
    catalog = Catalog.load(date(2026, 11, 22))
    assert catalog.is_outdated("20.0.9.995") is True
    assert catalog.as_of["builds"] == "2026-11-20"
    assert Catalog.load(date(2026, 11, 2)).latest_build() is None


def test_an_own_list_that_is_older_is_not(own_folders: Path) -> None:
    put(own_folders, OWN % b"2026-08-21")
    assert Catalog.load(date(2026, 11, 22)).is_outdated("20.0.9.995") is False


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"catalog: builds\nas_of: 2026-11-20\nrows: [{product: pbx}]\n", "version"),
        (b"catalog: builds\nas_of: 2026-11-20\nrows: [{product: pbx, version: '1', colour: red}]\n", "colour"),
        (b"catalog: eol\nas_of: 2026-11-20\nrows: []\n", "catalogue eol"),
        (b"rows: []\n", "as_of"),
        (b"as_of: 2026-99-99\n", "2026-99-99"),
        (b"catalog: builds\nas_of: 2026-11-20\nrows: [\n", "builds.yaml"),
        (b"catalog: builds\nas_of: 2026-11-20\nrows: !!python/object/apply:os.system [x]\n", "builds.yaml"),
        (b"\xff\xfe\x00as_of: 2026-11-20", "as_of"),
    ],
)
def test_an_own_list_that_is_broken_is_named_and_not_used(own_folders: Path, data: bytes, said: str) -> None:
    put(own_folders, data)
    catalog = Catalog.load(date(2026, 11, 22))
    assert catalog.is_outdated("20.0.9.995") is False
    [problem] = catalog.problems
    assert problem.startswith("Own catalogue not used: ")
    assert said in problem


def test_a_list_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"builds\.yaml"):
        open_list("builds", tmp_path)


@pytest.mark.parametrize("name", sorted(LISTS))
def test_every_list_is_written_as_it_is_read(name: str) -> None:
    stored = open_list(name, packaged_dir())
    assert parse(name, dump(stored.content), stored.path) == stored.content
