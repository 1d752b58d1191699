"""Pages of signatures: what stands on them."""

from __future__ import annotations

from pathlib import Path

from analyzer.pack.pages import Made, pages
from tests.analyzer.pack.rules import log_rule, pack, rule

MADE = {
    "SCOPE-04": Made("Not for *bronze*", "Level 1 only.", "entitle.bronze"),
    "SCOPE-24": Made("Differs", "It does."),
}


def test_a_page_for_each_code_and_an_overview(tmp_path: Path) -> None:
    rules = [rule(explains=["LOG-01"], aliases=["OLD-01"]), log_rule(title="Disk <b>gone</b> | now")]
    made = pages(pack(tmp_path, *rules), MADE)
    assert {"ABC-01.md", "LOG-01.md", "SCOPE-04.md", "SCOPE-24.md", "COR-17.md", "README.md"} <= set(made)
    assert "Also stands for OLD-01." in made["ABC-01.md"]
    assert "May explain: [LOG-01](LOG-01.md)." in made["ABC-01.md"]
    assert "May follow from: [ABC-01](ABC-01.md)." in made["LOG-01.md"]
    assert made["LOG-01.md"].startswith("# LOG-01: Disk \\<b\\>gone\\</b\\> \\| now\n")
    assert "`entitle.bronze`" in made["SCOPE-04.md"]
    assert made["SCOPE-24.md"].startswith("# SCOPE-24: Differs\n\nIt does.\n\nNo signature")
    overview = made["README.md"]
    assert "2 codes have rules, 2 are made by the scope" in overview
    assert "| [SCOPE-04](SCOPE-04.md) | Not for \\*bronze\\* | | | made by the scope | |" in overview
    assert (
        "| standard | follows from a standard (RFC, ITU, POSIX …) | 2 | [ABC-01](ABC-01.md), [LOG-01](LOG-01.md) |"
        in overview
    )


def test_all_rules_of_a_code_stand_on_its_page(tmp_path: Path) -> None:
    further = rule(
        name="abc_01_more", id="8f7f27ad-61a2-4a1f-8d1e-2b5b9d4a1b02", title="More", level="critical",
        severity_from="sev", confidence_from="sure", tags=["scope.excluded.eol-phones", "area.phone"],
        detection={"it": {"vendor": "x"}, "condition": "it"},
        samples={"fires": [{"phone": [{"vendor": "x"}]}], "silent": [{"phone": []}]},
    )  # fmt: skip
    made = pages(pack(tmp_path, further, rule()), {})
    text = made["ABC-01.md"]
    assert text.startswith("# ABC-01: Title of ABC-01\n")
    assert text.index("## More") > text.index("`abc_01`")
    assert "| severity | critical, or what `sev` says |" in text
    assert "| policy clause | `excluded.eol-phones` |" in text
    assert "| [ABC-01](ABC-01.md) | Title of ABC-01 | critical | partner | standard |" in made["README.md"]
