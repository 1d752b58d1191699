"""A case: its inputs, its ticket, and everything that was found out about it."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from analyzer.catalog import Catalog
from analyzer.detect import run as detect
from analyzer.finding import Finding, SignatureCoverage
from analyzer.join import join
from analyzer.looked import looked_at
from analyzer.pack import Pack, load_pack
from analyzer.scope import Problem, ScopeInput, judge
from analyzer.scope.policy import Policy
from analyzer.system import System
from analyzer.ticket import Ticket
from analyzer.verdict import Route, Verdict
from parsers.facts import Facts
from parsers.facts.artifact import Artifact
from parsers.read import Progress, read_inputs
from parsers.tree.budget import Budget
from parsers.tree.ticket_file import TICKET

if TYPE_CHECKING:
    from analyzer.second_opinion import Difference


class Options(Struct, kw_only=True):
    """What the user asked for. ``about`` holds words of the ticket's ``involves`` or ``problem:AREA``, ``verify_with`` a tool
    of `analyzer.second_opinion`.
    """

    inputs: Sequence[str]
    ticket: Ticket
    ticket_given: bool
    ticket_file: Path | None = None
    as_of: date
    about: Sequence[str] = ()
    policy_id: str | None = None
    signatures: Sequence[Path] = ()
    verify_with: str | None = None
    budget: Budget = field(default_factory=Budget)


class Case(Struct, kw_only=True):
    """One analyzed case. ``given`` is what was judged, ``timing`` in seconds by stage, ``second_opinion`` null where none was
    asked for.
    """

    options: Options
    artifacts: list[Artifact]
    facts: Facts
    system: System
    findings: list[Finding]
    coverage: SignatureCoverage
    verdict: Verdict
    route: Route
    problem: Problem
    given: ScopeInput
    pack: Pack
    policy: Policy
    catalog: Catalog
    timing: dict[str, float]
    second_opinion: list[Difference] | None = None

    @property
    def readable(self) -> bool:
        """Whether any input gave a record; true where there was no input at all."""
        return not self.options.inputs or any(a.records for a in self.artifacts)


class _Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.stages: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.stages[name] = round(time.perf_counter() - started, 4)


def analyze(options: Options, progress: Progress | None = None) -> Case:
    """Read the inputs of a case, find what is wrong, and judge it.

    Bad input never raises: it ends in the artifacts' problems. Raises `analyzer.pack.PackError` for a user's signature that
    does not load, `analyzer.scope.policy.PolicyError` for an unknown policy, and `analyzer.second_opinion.ToolMissingError`.
    """
    clock = _Clock()
    facts = Facts()
    if options.ticket.secrets:
        facts.secrets.update(options.ticket.secrets)
    with clock.stage("pack_s"):
        pack = load_pack(options.signatures)
    with clock.stage("read_s"):
        artifacts = read_inputs(list(options.inputs), options.budget, facts, pack.scanner(), progress)
    _used(options.ticket_file, artifacts)
    differences = None
    if options.verify_with:
        from analyzer.second_opinion import second_opinion

        with clock.stage("verify_s"):
            differences = second_opinion(artifacts, facts)
    gc.freeze()  # facts stay as long as the case: to look for garbage among a million of them again and again is for nothing
    with clock.stage("join_s"):
        catalog = Catalog.load(options.as_of)
        system = join(facts, catalog, options.as_of)
    with clock.stage("detect_s"):
        detection = detect(pack, facts, looked=looked_at(artifacts, facts, options.inputs))
    with clock.stage("scope_s"):
        policy = Policy.load(options.policy_id, options.as_of)
        given = ScopeInput(
            ticket=options.ticket,
            ticket_given=options.ticket_given,
            system=system,
            facts=facts,
            findings=detection.findings,
            artifacts=artifacts,
            as_of=options.as_of,
            about=list(options.about),
            catalog_as_of=catalog.as_of,
        )
        judged = judge(policy, given)
    return Case(
        options=options,
        artifacts=artifacts,
        facts=facts,
        system=system,
        findings=judged.findings,
        coverage=detection.coverage,
        verdict=judged.verdict,
        route=judged.route,
        problem=judged.problem,
        given=given,
        pack=pack,
        policy=policy,
        catalog=catalog,
        timing=clock.stages,
        second_opinion=differences,
    )


def _used(ticket: Path | None, artifacts: Iterable[Artifact]) -> None:
    """The ticket of the case may lie among its inputs: nothing is wrong with it."""
    for item in artifacts:
        if ticket is not None and item.kind == TICKET:
            with suppress(OSError):  # one inside an archive is another one
                if ticket.samefile(item.path):
                    item.problems.clear()
