from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from analyzer.catalog import Catalog, CatalogError, PhoneMarks
from analyzer.catalog.imports import Found, merge
from analyzer.catalog.saved import read_saved
from analyzer.cli.catalog import command

DAY = date(2026, 11, 20)
PHONES = """<!doctype html>
<!-- saved from url=(0030)https://www.3cx.com/sip-phones/ -->
<html><head><title>Phones</title><script>document.write("Yealink T1000")</script></head><body>
<h2>Yealink IP Phones</h2><ul><li><a href="/t54w">T54W</a></li><li>T99W</li><li>Buy one today, in all colours</li></ul>
<h2>Fanvil</h2><p>X6U-V2</p><p>2026</p>
</body></html>"""
TABLE = """<html><head><link rel="canonical" href="https://vendor.example/eol"></head><body>
<h3>Yealink end of life</h3>
<table><tr><th>Model</th><th>End of sale</th><th>End of life</th><th>Replacement</th></tr>
<tr><td>T46S, T48S</td><td>March 31, 2021</td><td>31st March 2026</td><td>T46U</td></tr></table></body></html>"""
CHANGES = """<html><head><link rel="canonical" href="https://www.3cx.com/blog/change-log/"></head><body>
<h3>V20 Update 10 Final, 3rd November 2026</h3><p>Build 20.0.10.1201</p>
<h3>V20 Update 11 Beta</h3><p>20.0.11.44 of 2026-11-10</p><p>Address 10.20.30.40 and 1.2.3.4.5</p></body></html>"""
EXPORT = {
    "@odata.context": "https://pbx.example.com/xapi/v1/$metadata#PhoneTemplates",
    "value": [
        {"Id": "yealinkT5x.ph.xml", "TemplateType": "Supported", "IsCustom": False, "Models": [{"Name": "Yealink T54W"}, {"Name": "Yealink T46S"}]},
        {"Id": "old.ph.xml", "TemplateType": "Deleted", "IsCustom": False, "Models": [{"Name": "Snom 300"}]},
        {"Id": "own.ph.xml", "TemplateType": "Supported", "IsCustom": True, "Models": [{"Name": "Yealink T54W-own"}]},
        "noise",
    ],
}  # fmt: skip


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(command, [str(arg) for arg in args])


def put(folder: Path, name: str, content: str | dict[str, Any]) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def merged(name: str, path: Path) -> tuple[Any, list[str]]:
    catalog = Catalog.load(date(2026, 11, 22))
    found = read_saved(name, path, catalog, as_of=DAY, source=None)
    content, told = merge(catalog.stored(name), found, date(2026, 11, 22))
    return content, told.lines()


def test_models_of_a_saved_page(tmp_path: Path) -> None:
    content, told = merged("phone_status", put(tmp_path, "p.html", PHONES))
    assert told == ["+ Yealink T54W supported", "+ Yealink T99W supported", "+ Fanvil X6U-V2 supported"]
    row = next(row for row in content.rows if row.model == "T99W")
    assert (row.basis, row.confidence, row.source) == ("3cx_page", 90, "https://www.3cx.com/sip-phones/")
    assert (row.as_of, row.first_known) == (DAY, DAY)
    assert content.as_of == DAY


def test_what_a_page_names_no_more_is_told_and_left_out(tmp_path: Path) -> None:
    path = put(tmp_path, "p.html", PHONES)
    assert run("import", "phone_status", path, "--as-of", "2026-11-20").exit_code == 0
    put(tmp_path, "p.html", PHONES.replace("<li>T99W</li>", ""))
    again = run("import", "phone_status", path, "--as-of", "2026-11-21")
    assert again.stdout == "- Yealink T99W supported\n"
    assert Catalog.load(date(2026, 11, 22)).phone_standing("Yealink", "T99W").name == "unknown"


def test_a_table_of_ends_of_life(tmp_path: Path) -> None:
    content, told = merged("eol", put(tmp_path, "t.html", TABLE))
    assert [line.split(":")[0] for line in told] == ["~ Yealink T46S eol", "~ Yealink T48S eol"]
    row = next(row for row in content.rows if row.model == "T46S")
    assert (row.end_of_sale, row.end_of_support, row.basis) == ("2021-03-31", "2026-03-31", "vendor_notice")
    assert row.decides
    assert next(row for row in content.rows if row.model == "T46G").basis == "other_pbx"


def test_builds_of_a_change_log(tmp_path: Path) -> None:
    content, told = merged("builds", put(tmp_path, "c.html", CHANGES))
    assert told == ["+ pbx 20.0.10.1201", "+ pbx 20.0.11.44", "+ pbx 10.20.30.40"]
    rows = {row.version: row for row in content.rows}
    final = rows["20.0.10.1201"]
    assert (final.name, final.channel, final.first_known) == ("V20 Update 10", "final", date(2026, 11, 3))
    assert rows["20.0.11.44"].channel == "beta"


def test_a_beta_is_never_the_newest(tmp_path: Path) -> None:
    assert run("import", "builds", put(tmp_path, "c.html", CHANGES), "--as-of", "2026-11-20").exit_code == 0
    latest = Catalog.load(date(2026, 11, 22)).latest_build()
    assert latest is not None
    assert latest.version == "20.0.10.1201"


def test_an_export_of_phone_templates(tmp_path: Path) -> None:
    path = put(tmp_path, "PhoneTemplates.json", EXPORT)
    content, told = merged("phone_status", path)
    assert told == ["+ Yealink T54W supported", "+ Yealink T46S supported", "+ Snom 300 unsupported"]
    row = next(row for row in content.rows if row.model == "T46S" and row.basis == "3cx_export")
    assert (row.template, row.confidence, row.source) == ("yealinkT5x.ph.xml", 95, "PhoneTemplates.json")


def test_an_export_makes_the_list_of_templates_whole(tmp_path: Path) -> None:
    path = put(tmp_path, "PhoneTemplates.json", EXPORT)
    assert run("import", "templates", path, "--as-of", "2026-11-20").stdout == "+ yealinkT5x.ph.xml\n+ old.ph.xml\n"
    catalog = Catalog.load(date(2026, 11, 22))
    assert catalog.is_stock("yealinkT5x.ph.xml", "phone") is True
    assert catalog.is_stock("own.ph.xml", "phone") is False
    assert catalog.is_stock("own.pv.xml", "provider") is None


def test_an_export_of_trunk_templates(tmp_path: Path) -> None:
    rows = [
        {"Id": "nordtel.pv.xml", "Name": "Nordtel Voice", "Countries": ["ES"], "TemplateType": "Preferred"},
        {"Id": "GenericVoIPProvider.pv.xml", "Name": "Generic VoIP Provider", "TemplateType": "Supported"},
        {"Id": "mine.pv.xml", "Name": "Mine", "TemplateType": "Supported", "IsCustom": True},
    ]
    content, told = merged("trunk_status", put(tmp_path, "TrunkTemplates.json", {"value": rows}))
    assert told == ["+ Nordtel Voice preferred"]
    assert content.rows[-1].countries == ["ES"]


def test_an_imported_row_decides(tmp_path: Path) -> None:
    assert run("import", "phone_status", put(tmp_path, "x.json", EXPORT), "--as-of", "2026-11-20").exit_code == 0
    assert Catalog.load(date(2026, 11, 22)).phone_standing("Yealink", "T46S").name == "supported"
    assert Catalog.load(date(2026, 11, 19)).phone_standing("Yealink", "T46S").name == "believed_eol"
    dead = PhoneMarks(template="yealinkT5x.ph.xml", template_type="Supported", custom_template=False)
    assert Catalog.load(date(2026, 11, 22)).phone_standing("Yealink", "T46G", dead).name == "eol"


def test_a_csv(tmp_path: Path) -> None:
    text = "\ufeffVendor;Model;State;First known\nYealink;T46S;eol;2025-01-01\nSnom;D999;eol;\n"
    content, told = merged("eol", put(tmp_path, "e.csv", text))
    assert told[0] == "+ Snom D999 eol"
    assert told[1].startswith("~ Yealink T46S eol: ")
    row = next(row for row in content.rows if row.model == "T46S")
    assert (row.first_known, row.basis, row.source) == (date(2025, 1, 1), "import", "e.csv")


@pytest.mark.parametrize(
    ("name", "file", "content", "said"),
    [
        ("eol", "e.csv", "vendor,modell\nYealink,T46S\n", "eol has no column 'modell'; did you mean model?"),
        ("eol", "e.csv", "vendor,model,state\nYealink,T46S,dead\n", "eol: what was found does not fit"),
        ("builds", "b.csv", "product,version\npbx,newest\n", "pbx newest: not a version"),
        ("builds", "b.csv", "product,version,first_known\npbx,20.0.10.1,2999-01-01\n", "lies in the future"),
        ("agents", "a.csv", "kind,pattern\nphone,x\n", "takes no imports"),
        ("cves", "x.json", '{"value": []}', "an export of templates says nothing of cves"),
        ("phones", "x.json", '{"value": [', "no JSON"),
        ("phones", "x.json", "[" * 200_000, "no JSON"),
        ("phones", "x.json", '{"value": 7}', "nothing in it was recognised"),
        ("phone_status", "p.html", "<html><body><p>hello</p></body></html>", "nothing in it was recognised"),
        ("phone_status", "p.html", "<", "nothing in it was recognised"),
        ("builds", "b.csv", "", "nothing in it was recognised"),
        ("builds", "b.bin", "\x00\x01\x02", "nothing in it was recognised"),
    ],
)
def test_files_that_cannot_be_taken(tmp_path: Path, name: str, file: str, content: str, said: str) -> None:
    refused = run("import", name, put(tmp_path, file, content), "--as-of", "2026-11-20")
    assert refused.exit_code == 2
    assert said in refused.stderr
    assert not (tmp_path / "data").exists()


def test_a_page_with_entities_reads_no_files(tmp_path: Path) -> None:
    page = '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><body><h2>Yealink</h2><li>&x;</li><li>T99W</li></body></html>'
    _, told = merged("phone_status", put(tmp_path, "p.html", page))
    assert told == ["+ Yealink T99W supported"]


def test_latin_1_is_refused_as_csv(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    path.write_bytes("vendor,model\nYéalink,T1\n".encode("latin-1"))
    with pytest.raises(CatalogError, match="no UTF-8 text at byte 14"):
        read_saved("eol", path, Catalog.load(DAY), as_of=DAY, source=None)


def test_a_known_row_keeps_its_first_day() -> None:
    catalog = Catalog.load(date(2026, 11, 22))
    found = Found(rows=[{"version": "20.0.9.995"}], source="s", as_of=DAY, basis="import")
    content, told = merge(catalog.stored("builds"), found, date(2026, 11, 22))
    row = next(row for row in content.rows if row.version == "20.0.9.995")  # type: ignore[attr-defined]
    assert row.first_known == date(2026, 6, 16)
    assert told.lines() == []


def test_dry_run_writes_nothing_and_into_writes_there(tmp_path: Path) -> None:
    path = put(tmp_path, "p.html", PHONES)
    dry = run("import", "phone_status", path, "--dry-run")
    assert "nothing written" in dry.stderr
    assert not (tmp_path / "data").exists()
    done = run("import", "phone_status", path, "--into", tmp_path / "here")
    assert f"written to {tmp_path / 'here' / 'phone_status.yaml'}" in done.stderr


def test_show() -> None:
    listed = run("show")
    assert listed.exit_code == 0
    assert "builds            66 rows, newest source 2026-08-22" in listed.stdout
    rows = run("show", "eol", "--filter", "t46g")
    assert [line for line in rows.stdout.splitlines() if "model=T46G" in line] == rows.stdout.splitlines()
    assert "vendor=Yealink  model=T46G  state=eol" in rows.stdout
    assert run("show", "builds", "--filter", "20.0.9.995", "--as-of", "2026-06-15").stdout == ""
    assert run("show", "nothing").exit_code == 2


def test_check_says_error_and_fails(tmp_path: Path) -> None:
    assert run("check").exit_code == 0
    folder = tmp_path / "data" / "catalog"
    folder.mkdir(parents=True)
    (folder / "cves.yaml").write_text("catalog: cves\nas_of: 2026-11-22\nrows: [{id: X}]\n")
    failed = run("check", "cves")
    assert failed.exit_code == 1
    assert "error  cves:" in failed.stdout
