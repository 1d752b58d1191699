"""Load of the machine, its interfaces and the services."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from parsers.facts.network import NetworkMetric
from parsers.facts.system import HostMetric, Service
from parsers.tables.thinned import Thinned
from parsers.tables.time_series import PARSERS, ROWS, SERVICES
from tests.parsers.config.reading import read

SYSTEM = "time,cpu_usage,total_virt_mem,free_virt_mem,total_phys_mem,free_phys_mem,total_disk_space,free_disk_space,tick_count\n"


def stamp(n: int) -> str:
    return f"2026-08-{5 + n // 720:02d} {n // 30 % 24:02d}:{n % 30 * 2:02d}:00.039293+00"


def test_system() -> None:
    found = read(
        PARSERS, SYSTEM + f"{stamp(0)},7.5,0,0,4104044544,1855426560,50465865728,42949672960,1\n", "tsdb.system.csv"
    )
    assert (found.kind, found.claim, found.tally.records, found.tally.understood) == ("tsdb_system", 90, 1, 1)
    row = found.one(HostMetric)
    assert row.time == datetime(2026, 8, 5, 0, 0, 0, 39_293, tzinfo=UTC)
    assert (row.cpu_pct, row.memory_bytes, row.memory_free_bytes, row.disk_bytes, row.disk_free_bytes) == (
        7.5, 4_104_044_544, 1_855_426_560, 50_465_865_728, 42_949_672_960,
    )  # fmt: skip
    assert (row.source.row, row.source.time) == (1, "2026-08-05 00:00:00.039293+00")


def test_long_series_are_thinned_but_keep_first_last_and_extremes() -> None:
    body = "".join(
        f"{stamp(n)},{99.5 if n == 3333 else 7},0,0,4000000,{5 if n == 1234 else 1000},9000000,{3 if n == 4321 else 2000},{n}\n"
        for n in range(9001)
    )
    found = read(PARSERS, SYSTEM + body, "tsdb.system.csv")
    kept = found.of(HostMetric)
    assert (found.tally.records, found.tally.understood) == (9001, 9001)
    numbers = [row.source.row for row in kept]
    assert ROWS // 2 < len(kept) <= ROWS + 5
    assert numbers == sorted(numbers, key=lambda number: number or 0)
    assert {1, 1235, 3334, 4322, 9001} <= set(numbers)


def test_a_time_that_cannot_be_read_is_said() -> None:
    rest = ",7.5,0,0,4104044544,1855426560,50465865728,42949672960,1\n"
    found = read(PARSERS, SYSTEM + stamp(0) + rest + rest, "tsdb.system.csv")
    assert (found.tally.records, found.tally.understood, len(found.of(HostMetric))) == (2, 1, 1)
    assert found.problems == ["no time can be read in row 2: nothing stands there"]
    network = "time,id,bytes_sent,bytes_received\n05.08.2026 11:02,eth0,100,200\n"
    found = read(PARSERS, network, "tsdb.network.csv")
    assert (found.tally.understood, found.of(NetworkMetric)) == (0, [])
    assert found.problems == ["no time can be read in row 1: '05.08.2026 11:02' stands there"]


def test_services_by_their_number() -> None:
    body = "".join(f"{stamp(0)},{index},{60_000_000 + index},{4 + index},1\n" for index in range(17))
    found = read(PARSERS, "time,service,private_memory,thread_count,process_count\n" + body, "tsdb.services.csv")
    assert (found.kind, found.tally.records, found.tally.understood) == ("tsdb_services", 17, 16)
    rows = found.of(Service)
    assert [row.name for row in rows] == [*SERVICES, "16"]
    assert (rows[0].name, rows[13].name) == ("Database", "Nginx")
    assert (rows[3].private_memory, rows[3].thread_count, rows[3].process_count, rows[3].running) == (
        60_000_003,
        7,
        1,
        None,
    )
    assert found.problems == ["service 16 is not among the 16 services that are known by number"]


def test_services_without_a_time_column() -> None:
    found = read(PARSERS, "service,private_memory,thread_count,process_count\n0,1,2,3\n", "tsdb.services.csv")
    assert found.one(Service).time is None
    assert found.problems == []


def test_services_whose_time_cannot_be_read() -> None:
    body = "05.08.2026 11:02,0,1,2,3\n,0,1,2,3\n"
    found = read(PARSERS, "time,service,private_memory,thread_count,process_count\n" + body, "tsdb.services.csv")
    assert [row.time for row in found.of(Service)] == [None, None]
    assert found.problems == ["no time can be read in row 1 and 1 more: '05.08.2026 11:02' stands there"]


def test_network_rates_and_restart() -> None:
    body = f"{stamp(0)},eth0,1000,2000\n{stamp(1)},eth0,16000,2000\n{stamp(2)},eth0,10,10\n{stamp(3)},eth0,1510,10\n"
    found = read(PARSERS, "time,id,bytes_sent,bytes_received\n" + body, "tsdb.network.csv")
    rates = [(row.interface, row.sent_bps, row.received_bps) for row in found.of(NetworkMetric)]
    assert rates == [("eth0", None, None), ("eth0", 1000.0, 0.0), ("eth0", None, None), ("eth0", 100.0, 0.0)]
    assert (found.tally.records, found.tally.understood) == (4, 4)


def test_missing_columns_are_said() -> None:
    found = read(PARSERS, "time,cpu\n1,2\n", "tsdb.system.csv")
    assert found.tally.unreadable
    assert found.problems == ["the header lacks columns of this table (cpuusage, freediskspace, freephysmem, time)"]


def test_bad_rows_are_counted_not_understood() -> None:
    found = read(PARSERS, SYSTEM + "soon,1,2,3,4,5,6,7,8\n" + f"{stamp(0)},1\n", "tsdb.system.csv")
    assert (found.tally.records, found.tally.understood, found.rows) == (2, 0, [])


def test_thinned_is_bounded_whatever_comes() -> None:
    series: Thinned[int] = Thinned(10)
    for number in range(1, 1001):
        series.add(number, number, {"x": float(number % 7), "y": None})
    kept = series.rows()
    assert kept[0] == 1
    assert kept[-1] == 1000
    assert 6 in kept
    assert len(kept) <= 13


@given(st.sampled_from(["tsdb.system.csv", "tsdb.network.csv", "tsdb.services.csv"]), st.binary(max_size=200))
def test_nothing_raises(name: str, data: bytes) -> None:
    read(PARSERS, data, name)
    read(PARSERS, SYSTEM.encode() + data, name)
