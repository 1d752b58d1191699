"""The policy as data: clauses with their rules, read and checked from a dated file.

Several versions lie beside each other (``3cx-support-2026-11-22.yaml``); the newest that is not younger than the day of the
judgement is in force, the oldest where all are younger.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, cast

import msgspec
from msgspec import Struct, field

from analyzer import __version__
from analyzer.pack import ir
from analyzer.pack.folder import own_folder
from analyzer.scope.condition import ConditionError, lower
from analyzer.verdict import EFFECTS, Effect
from parsers import cache, lazy

Kind = Literal["S", "C", "R", "P", "T", "E", "A"]
KINDS: dict[str, str] = {
    "S": "system-wide exclusion",
    "C": "component exclusion",
    "R": "request exclusion",
    "P": "prerequisite",
    "T": "ticket content",
    "E": "entitlement",
    "A": "advisory",
}
TABLES = ("phone", "trunk", "integration")
GRANTS = ("level1", "level2", "level3", "phone", "priority")
DEFAULT_ID = "3cx-support"

_FILE = lazy.pattern(r"(.+)-(\d{4}-\d\d-\d\d)\.yaml")


class PolicyError(ValueError):
    """A policy is not there or is wrong; the text says which and where."""


class Way(Struct, frozen=True, kw_only=True):
    """One action that changes facts: of the part where the rule is over parts (``set``), and of the case (``set_case``)."""

    action: str
    who: str = "partner"
    set: Mapping[str, Any] = field(default_factory=dict)
    set_case: Mapping[str, Any] = field(default_factory=dict)


class Rule(Struct, frozen=True, kw_only=True):
    """One judgement of a clause; see the head of the policy file."""

    when: ir.Expr
    effect: Effect
    of: str | None = None
    unknown: Effect | None = None
    apart: Literal["advises", "silent"] = "advises"
    open: Literal["all", "only_one"] = "all"
    why: str
    why_unknown: str | None = None
    ask: str | None = None
    asks: tuple[str, ...] = ()
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    way_back: tuple[Way, ...] = ()
    no_way_back: str | None = None
    max_level: int | None = None
    catalog: str | None = None


class Says(Struct, frozen=True, kw_only=True):
    """A sentence for the route that holds under a condition; ``finding`` makes it a finding too."""

    when: ir.Expr | None = None
    text: str
    finding: bool = False


class FindingForm(Struct, frozen=True, kw_only=True):
    """The finding that stands for a clause. ``with_ticket``: only where a ticket was given."""

    code: str
    title: str
    severity: str
    owner: str
    with_ticket: bool = False


class Clause(Struct, frozen=True, kw_only=True):
    """One clause of the policy, in the product's own words."""

    id: str
    kind: Kind
    title: str
    text: str
    same_as: str | None = None
    rules: tuple[Rule, ...] = ()
    says: tuple[Says, ...] = ()
    grants: str | None = None
    when: ir.Expr | None = None
    finding: FindingForm | None = None
    catalog: str | None = None
    always_catalog: bool = False
    with_scope: str | None = None
    why: str | None = None
    why_open: str | None = None
    languages: tuple[str, ...] = ()
    sla: Mapping[str, int] = field(default_factory=dict)


class Fact(Struct, frozen=True, kw_only=True):
    """Something a decision needs: the question, answers by their names, and whether only a ticket can give it."""

    ask: str
    values: Mapping[str, Any] = field(default_factory=dict)
    ticket_only: bool = False


class PartAreas(Struct, frozen=True, kw_only=True):
    """Problem areas of a kind of part: its own, and those that it shares with other parts."""

    own: tuple[str, ...]
    shared: tuple[str, ...]


class Policy(Struct, frozen=True, kw_only=True):
    """One dated version of a support policy."""

    id: str
    name: str
    date: dt.date
    source: Mapping[str, str]
    facts: Mapping[str, Fact]
    parts: Mapping[str, PartAreas]
    findings: Mapping[str, tuple[str, ...]]
    clauses: tuple[Clause, ...]

    @classmethod
    def load(cls, wanted: str | None, as_of: dt.date) -> Policy:
        """The policy in force on a day. ``wanted`` is an id (``3cx-support``), an id with its date
        (``3cx-support-2026-11-22``), or a file. Raises `PolicyError`.
        """
        if wanted and wanted.endswith((".yaml", ".yml")):
            try:
                return _compiled(Path(wanted).read_text("utf-8"), wanted)
            except (OSError, UnicodeDecodeError) as error:
                raise PolicyError(f"Policy {wanted!r} cannot be read: {error}.") from None
        there = available()
        if wanted in {f"{name}-{day.isoformat()}" for name, day in there}:
            return _stored(str(wanted))
        days = sorted(day for name, day in there if name == (wanted or DEFAULT_ID))
        if not days:
            names = ", ".join(f"{name}-{day.isoformat()}" for name, day in there)
            raise PolicyError(f"There is no policy {wanted!r}; there are: {names}.")
        in_force = [day for day in days if day <= as_of] or days[:1]
        return _stored(f"{wanted or DEFAULT_ID}-{in_force[-1].isoformat()}")

    def clause(self, name: str) -> Clause | None:
        """The clause of an id."""
        return next((clause for clause in self.clauses if clause.id == name), None)


def available() -> list[tuple[str, dt.date]]:
    """Id and date of every stored policy, in order."""
    found = (_FILE.fullmatch(entry.name) for entry in (own_folder() / "policy").iterdir())
    return sorted((match[1], dt.date.fromisoformat(match[2])) for match in found if match)


def _stored(name: str) -> Policy:
    return _compiled((own_folder() / "policy" / f"{name}.yaml").read_text("utf-8"), name)


def _compiled(text: str, name: str) -> Policy:
    """The policy of a text, from the cache where the same text was read before by the same code. Raises `PolicyError`."""
    key = cache.key(__version__, cache.code(Path(__file__).parent), text)
    stored = cache.read("policy", key)
    if stored is not None:
        with contextlib.suppress(msgspec.DecodeError):
            return msgspec.msgpack.decode(stored, type=Policy)
    policy = parse(text, name)
    cache.write("policy", key, msgspec.msgpack.encode(policy))
    return policy


def parse(text: str, name: str) -> Policy:
    """A policy from its text; ``name`` is what messages call it. Raises `PolicyError` with clause and key."""
    import yaml

    try:
        data = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise PolicyError(f"Policy {name}: no valid YAML: {error}") from None
    try:
        return _policy(data)
    except (ConditionError, KeyError, TypeError, ValueError) as error:
        raise PolicyError(f"Policy {name}: {error}") from None


def _policy(data: Any) -> Policy:  # noqa: ANN401 - YAML
    _keys(data, {"id", "name", "date", "source", "facts", "parts", "findings", "clauses"}, "the policy")
    policy = Policy(
        id=data["id"],
        name=data["name"],
        date=data["date"],
        source={key: str(value) for key, value in data["source"].items()},
        facts={name: _fact(name, body) for name, body in data["facts"].items()},
        parts={n: PartAreas(own=tuple(b["own"]), shared=tuple(b["shared"])) for n, b in data["parts"].items()},
        findings={name: tuple(codes) for name, codes in data["findings"].items()},
        clauses=tuple(_clause(body) for body in data["clauses"]),
    )
    ids = [clause.id for clause in policy.clauses]
    for clause in policy.clauses:
        if ids.count(clause.id) > 1:
            raise ValueError(f"clause {clause.id} stands twice")
        if clause.same_as and clause.same_as not in ids:
            raise ValueError(f"clause {clause.id}: same_as names no clause")
        for rule in clause.rules:
            strange = [name for name in rule.asks if name not in policy.facts]
            if strange:
                raise ValueError(f"clause {clause.id} asks for {strange[0]}, which is no fact")
    return policy


def _fact(name: str, body: Mapping[str, Any]) -> Fact:
    _keys(body, {"ask", "values", "ticket_only"}, f"fact {name}")
    values = body.get("values", {})
    if isinstance(values, list):
        values = {{True: "yes", False: "no"}.get(value, str(value)): value for value in values}
    return Fact(ask=body["ask"], values=values, ticket_only=body.get("ticket_only", False))


def _clause(body: Mapping[str, Any]) -> Clause:
    where = f"clause {body['id']}"
    _keys(body, set(Clause.__struct_fields__), where)
    _known(body["kind"], KINDS, where)
    if "grants" in body:
        _known(body["grants"], GRANTS, where)
    form = body.get("finding")
    return Clause(
        id=body["id"],
        kind=body["kind"],
        title=body["title"],
        text=body["text"],
        same_as=body.get("same_as"),
        rules=tuple(_rule(rule, where) for rule in body.get("rules", ())),
        says=tuple(_says(entry, where) for entry in body.get("says", ())),
        grants=body.get("grants"),
        when=lower(body["when"]) if "when" in body else None,
        finding=FindingForm(**form) if form else None,
        catalog=body.get("catalog"),
        always_catalog=body.get("always_catalog", False),
        with_scope=body.get("with_scope"),
        why=body.get("why"),
        why_open=body.get("why_open"),
        languages=tuple(body.get("languages", ())),
        sla=body.get("sla", {}),
    )


def _says(body: Mapping[str, Any], where: str) -> Says:
    _keys(body, {"when", "text", "finding"}, where)
    return Says(
        when=lower(body["when"]) if "when" in body else None, text=body["text"], finding=body.get("finding", False)
    )


def _rule(body: Mapping[str, Any], where: str) -> Rule:
    _keys(body, set(Rule.__struct_fields__), where)
    _known(body["effect"], EFFECTS, where)
    if "of" in body:
        _known(body["of"], TABLES, where)
    ways = []
    for way in body.get("way_back", ()):
        _keys(way, set(Way.__struct_fields__), where)
        ways.append(Way(**way))
    try:
        when = lower(body["when"])
    except ConditionError as error:
        raise ValueError(f"{where}: {error}") from None
    rest = {key: value for key, value in body.items() if key not in ("when", "way_back", "asks")}
    return Rule(when=when, way_back=tuple(ways), asks=tuple(body.get("asks", ())), **rest)


def _keys(body: object, allowed: set[str], where: str) -> None:
    if not isinstance(body, Mapping):
        raise TypeError(f"{where} is no mapping")
    strange = sorted(set(cast("Mapping[str, Any]", body)) - allowed)
    if strange:
        raise ValueError(f"{where}: unknown key {strange[0]!r}")


def _known(word: object, allowed: Sequence[str] | Mapping[str, str], where: str) -> None:
    if word not in allowed:
        raise ValueError(f"{where}: {word!r} is none of {', '.join(allowed)}")
