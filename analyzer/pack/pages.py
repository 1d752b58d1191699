"""The signatures as pages for people: one a code, made from the rules, and an overview."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from analyzer.finding import SEVERITIES
from analyzer.pack import ir, tables
from analyzer.pack.load import Pack
from analyzer.pack.registers import Entry, register
from analyzer.pack.relations import Relations

INDEX = "README.md"
GROUPS: dict[str, str] = {
    "SCOPE": "Support scope",
    "CFG": "Configuration",
    "TRK": "Trunks and registration",
    "NAT": "NAT, firewall, SIP helpers",
    "MED": "Audio and RTP quality",
    "SDP": "Codecs and session descriptions",
    "DTMF": "DTMF",
    "FAX": "Fax and T.38",
    "CALL": "Calls and dialogs",
    "QIV": "Queues, IVR, voicemail",
    "PRV": "Provisioning and phones",
    "SBC": "SBC and tunnel",
    "TLS": "TLS, certificates, SRTP",
    "DNS": "DNS",
    "APP": "Apps, web client, push, WebRTC",
    "TEAMS": "Microsoft Teams",
    "LIC": "Licence",
    "SYS": "System, disk, memory, database",
    "UPD": "Update, backup, restore, failover",
    "TIM": "Time",
    "SEC": "Security",
    "CAP": "Quality of captures",
    "COR": "Correlations",
}
"""Beginnings of codes in the order of the overview."""
GRADES: dict[str, str] = {
    "verbatim": "seen word for word",
    "documented": "documented by 3CX or a maker",
    "standard": "follows from a standard (RFC, ITU, POSIX …)",
    "inferred": "inferred from practice, not yet seen in a real case: at most low",
}
OWNERS: dict[str, str] = {
    "partner": "fix it yourself",
    "provider": "ask the provider",
    "vendor": "ask the vendor",
    "3cx": "open a ticket",
}
MADE_BY_SCOPE = "made by the scope"
_MARKS = re.compile(r"([\\`*\[\]<>|])")


class Made(Struct, frozen=True):
    """A code that the scope makes by itself or from a clause of the policy."""

    title: str
    text: str
    clause: str | None = None


def pages(pack: Pack, made: Mapping[str, Made]) -> dict[str, str]:
    """All pages by file name. The same pack gives the same pages."""
    by_code: dict[str, list[ir.Rule]] = defaultdict(list)
    for rule in pack.rules:
        by_code[rule.code].append(rule)
    effects = Relations(pack.by_name).effects()
    found = {f"{code}.md": _page(pack.rules_of(code), effects) for code in by_code}
    found |= {f"{code}.md": _scope_page(code, item) for code, item in made.items() if code not in by_code}
    found |= {f"{code}.md": _engine_page(entry) for code, entry in register("engine").items()}
    found[INDEX] = _index(by_code, made)
    return dict(sorted(found.items()))


def _text(text: str) -> str:
    """Text in which nothing is taken for a mark of Markdown."""
    return _MARKS.sub(r"\\\1", text)


def _link(code: str) -> str:
    return f"[{code}]({code}.md)"


def _page(rules: Sequence[ir.Rule], effects: Mapping[str, set[str]]) -> str:
    first = rules[0]
    lines = [f"# {first.code}: {_text(first.title)}", ""]
    if first.aliases:
        lines += [f"Also stands for {', '.join(first.aliases)}.", ""]
    for rule in rules:
        if rule is not first:
            lines += [f"## {_text(rule.title)}", ""]
        lines += [*_rule(rule), ""]
    after = sorted(effects.get(first.code, ()))
    before = sorted(cause for cause, found in effects.items() if first.code in found)
    if after:
        lines += [f"May explain: {', '.join(map(_link, after))}.", ""]
    if before:
        lines += [f"May follow from: {', '.join(map(_link, before))}.", ""]
    lines += [f"[All signatures]({INDEX})"]
    return "\n".join(lines) + "\n"


def _rule(rule: ir.Rule) -> Iterator[str]:
    texts = rule.text("en")
    if rule.description:
        yield _text(" ".join(rule.description.split()))
        yield ""
    yield "| | |"
    yield "|---|---|"
    severity = f"{rule.level}, or what `{rule.severity_from}` says" if rule.severity_from else rule.level
    sure = f"{rule.confidence}, or what `{rule.confidence_from}` says" if rule.confidence_from else str(rule.confidence)
    needs = list(dict.fromkeys(tables.needs(table) for table in rule.tables))
    for name, value in (
        ("severity", severity),
        ("confidence", sure),
        ("who acts", f"{rule.owner}: {OWNERS[rule.owner]}"),
        ("evidence", f"{rule.grade}: {GRADES[rule.grade]}" if rule.grade else "not said"),
        ("status", rule.status),
        ("looks at", ", ".join(f"`{table}`" for table in rule.tables)),
        ("needs", " and ".join(needs)),
        ("areas", ", ".join(rule.areas)),
        ("policy clause", f"`{rule.clause}`" if rule.clause else ""),
        ("role", "worth knowing, no problem by itself" if rule.role == "context" else ""),
        ("rule", f"`{rule.name}` in `{rule.file}`"),
    ):
        if value:
            yield f"| {name} | {value} |"
    yield ""
    yield f"It says: {_text(texts.message)}"
    yield ""
    yield f"**Next step:** {_text(texts.remedy)}"
    for title, items in (("Not meant", rule.falsepositives), ("References", rule.references)):
        if items:
            yield ""
            yield f"{title}:"
            yield ""
            yield from (f"- {_text(item)}" for item in items)


def _scope_page(code: str, made: Made) -> str:
    clause = (
        f"\n\nPolicy clause: `{made.clause}`; `tcxtriage explain {made.clause}` shows its rules." if made.clause else ""
    )
    return (
        f"# {code}: {_text(made.title)}\n\n{_text(made.text)}{clause}\n\n"
        f"No signature: the scope makes it while it judges a case.\n\n[All signatures]({INDEX})\n"
    )


def _engine_page(entry: Entry) -> str:
    return (
        f"# {entry.code}: {_text(entry.title)}\n\nPart of the program: {entry.why}.\n\n"
        f"It shows in: {entry.where}.\n\n[All signatures]({INDEX})\n"
    )


def _index(by_code: Mapping[str, Sequence[ir.Rule]], made: Mapping[str, Made]) -> str:
    others = {code: item for code, item in made.items() if code not in by_code}
    unbuilt = register("unbuilt")
    tally = f"{len(by_code)} codes have rules, {len(others)} are made by the scope, {len(register('engine'))} are part of the "
    tally += f"program, {len(unbuilt)} cannot be built honestly yet."
    lines = [
        "# Signatures",
        "",
        "Made from the rules by `tcxtriage signatures docs docs/signatures`; not to be edited by hand.",
        "",
        tally,
        "",
        *_grades(by_code),
    ]
    entries: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for code, rules in by_code.items():
        entries[_group(code)].append((code, _row(code, rules)))
    for code, item in others.items():
        entries[_group(code)].append((code, f"| {_link(code)} | {_text(item.title)} | | | {MADE_BY_SCOPE} | |"))
    for entry in register("engine").values():
        entries[_group(entry.code)].append(
            (entry.code, f"| {_link(entry.code)} | {_text(entry.title)} | | | part of the program | |")
        )
    order = [*GROUPS, *sorted(set(entries) - set(GROUPS))]
    for group in order:
        if entries[group]:
            lines += [f"## {group}: {GROUPS.get(group, 'further')}", ""]
            lines += ["| code | what | severity | who acts | evidence | needs |", "|---|---|---|---|---|---|"]
            lines += [row for _, row in sorted(entries[group])]
            lines += [""]
    lines += ["## Not built", "", "What no rule can look for honestly yet, and what would unlock it.", ""]
    lines += ["| code | title | why | what would unlock it |", "|---|---|---|---|"]
    lines += [f"| {e.code} | {e.title} | {e.why} | {e.where} |" for e in sorted(unbuilt.values(), key=lambda e: e.code)]
    return "\n".join(lines) + "\n"


def _group(code: str) -> str:
    return code.partition("-")[0]


def _row(code: str, rules: Sequence[ir.Rule]) -> str:
    first = next((rule for rule in rules if rule.name == code.lower().replace("-", "_")), rules[0])
    worst = min((rule.level for rule in rules), key=SEVERITIES.index)
    grades = ", ".join(dict.fromkeys(rule.grade for rule in rules if rule.grade))
    needs = list(dict.fromkeys(tables.needs(table) for rule in rules for table in rule.tables))
    return f"| {_link(code)} | {_text(first.title)} | {worst} | {first.owner} | {grades} | {', '.join(needs)} |"


def _grades(by_code: Mapping[str, Sequence[ir.Rule]]) -> Iterator[str]:
    """How many codes stand on what evidence, each by its best rule, and those that stand on the least."""
    best: dict[str, list[str]] = {grade: [] for grade in GRADES}
    for code, rules in by_code.items():
        known = [rule.grade for rule in rules if rule.grade in best]
        if known:
            best[min(known, key=list(GRADES).index)].append(code)
    yield "## By evidence"
    yield ""
    yield "| grade | meaning | codes | |"
    yield "|---|---|---|---|"
    for grade, codes in best.items():
        yield f"| {grade} | {GRADES[grade]} | {len(codes)} | {', '.join(map(_link, sorted(codes)))} |"
    yield ""
