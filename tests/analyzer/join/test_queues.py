from __future__ import annotations

from datetime import UTC, datetime

from parsers.facts import Source
from parsers.facts.inventory import Extension
from parsers.facts.log import LogCoverage, LogRecord, Quality
from parsers.facts.routing import Queue
from tests.analyzer.join.conftest import Joined


def extension(number: str, *, inside: bool | None) -> Extension:
    return Extension(source=Source(path=number), number=number, in_queues=inside)


def agent(name: str, word: str, minute: int) -> LogRecord:
    return LogRecord(
        source=Source(line=minute),
        kind="service_log",
        time=datetime(2026, 11, 12, 9, minute, tzinfo=UTC),
        fields={"agent": name, "logged": word},
    )


def test_agents_of_a_queue(joined: Joined) -> None:
    facts, _ = joined(
        extension("101", inside=False),
        extension("102", inside=True),
        extension("103", inside=None),
        Queue(source=Source(), number="800", agents=["101", "102"]),
        Queue(source=Source(), number="801", agents=["101"]),
        Queue(source=Source(), number="802", agents=["101", "103"]),
        Queue(source=Source(), number="803", agents=[]),
        Queue(source=Source(), number="804"),
    )
    assert [(q.derived["agents_known"], q.derived["agents_in"]) for q in facts.of(Queue)] == [
        (2, 1), (1, 0), (None, None), (None, None), (None, None),
    ]  # fmt: skip
    assert facts.of(Queue)[1].source_of("agents_in").path == "101"


def test_the_last_word_of_the_log_on_each_agent_counts(joined: Joined) -> None:
    _, system = joined(
        agent("0101", "IN", 1), agent("0102", "OUT", 1), agent("0101", "OUT", 2), agent("0102", "OUT", 2)
    )
    assert (system.fields["log_agents"], system.fields["log_agents_in"]) == (2, 0)
    assert system.source_of("log_agents_in").line == 2
    _, system = joined(agent("0101", "OUT", 1), agent("0101", "IN", 2))
    assert system.fields["log_agents_in"] == 1
    _, system = joined()
    assert (system.fields["log_agents"], system.fields["log_agents_in"]) == (None, None)


def log(family: str, minute: int, *, local: bool = False) -> LogCoverage:
    return LogCoverage(
        source=Source(artifact=family),
        kind="service_log",
        last=datetime(2026, 11, 12, 9, minute, tzinfo=UTC),
        local=local,
        family=family,
    )


def ended(minute: int) -> Quality:
    return Quality(source=Source(), time=datetime(2026, 11, 12, 9, minute, tzinfo=UTC))


def test_calls_after_the_end_of_the_call_log(joined: Joined) -> None:
    facts, _ = joined(log("Logs/3CXCallFlow", 5), log("Logs/3CXCallFlow", 1), ended(6), ended(10), ended(20))
    newest, older = facts.of(LogCoverage)
    assert newest.derived == {"calls_after_end": 2, "calls_after_end_s": 900.0}
    assert older.derived == {}


def test_other_logs_and_other_clocks_say_nothing(joined: Joined) -> None:
    for row in (log("Logs/3CXGatewayService", 5), log("Logs/3CXCallFlow", 5, local=True)):
        facts, _ = joined(row, ended(20))
        assert facts.of(LogCoverage)[0].derived == {}
    facts, _ = joined(log("Logs/3CXCallFlow", 5))
    assert facts.of(LogCoverage)[0].derived == {}
