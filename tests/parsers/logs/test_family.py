from __future__ import annotations

import pytest

from parsers.logs.family import log_family


@pytest.mark.parametrize(
    "path",
    [
        "a.zip!/Logs/3CXMediaServer.log",
        "a.zip!/Logs/3CXMediaServer.2026-08-07.log",
        "a.zip!/Logs/3CXMediaServer-20260807.log",
        "a.zip!/Logs/3CXMediaServer.2026-08-07.2.log",
        "a.zip!/Logs/3CXMediaServer.log.1",
        "a.zip!/Logs/3CXMediaServer.log.2.gz",
        "a.zip!/Logs/3CXMediaServer.log.2.gz!/3CXMediaServer.log.2",
        "a.zip!/Logs\\3CXMediaServer.log.old",
    ],
)
def test_rotated_files_are_one_log(path: str) -> None:
    assert log_family(path) == "a.zip!/Logs/3CXMediaServer.log"


@pytest.mark.parametrize(
    ("path", "family"),
    [
        ("3cxsbc.log.mon", "3cxsbc.log.mon"),
        ("LinuxLogs/syslog.1", "LinuxLogs/syslog"),
        ("postgresql-15-main.log", "postgresql-15-main.log"),
        ("2026-08-07.log", ".log"),
        ("x.zip!/y.log", "x.zip!/y.log"),
        ("", ""),
    ],
)
def test_other_names(path: str, family: str) -> None:
    assert log_family(path) == family
