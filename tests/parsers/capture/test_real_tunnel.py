"""A real TCP connection over a line that loses packets, between two namespaces."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from parsers.facts.capture import TunnelWay
from tests.parsers.capture import lossy_line
from tests.parsers.capture.scenario import read
from tests.parsers.capture.sipp import Network, missing

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("namespace")]
SITE, PBX = "198.18.0.1", "198.18.0.2"
HEADERS = 52
"""Bytes of IP and TCP; longer packets carry something."""
DELAY_S = 0.05
SERVER = f"""
import socket
door = socket.create_server(("{PBX}", 5090))
line, _ = door.accept()
line.settimeout(20)
while line.recv(4096):
    line.sendall(b"y" * 60)
"""
CLIENT = f"""
import contextlib, socket, time
line = socket.create_connection(("{PBX}", 5090), 20)
line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
for _ in range(400):
    line.setblocking(True)
    line.send(b"x" * 180)
    time.sleep(0.01)
    line.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        line.recv(65536)
"""


@contextmanager
def line(folder: Path, loss: float) -> Iterator[tuple[Network, Network]]:
    """The site and the PBX at both ends of a line that loses a share of what the site sends."""
    ends = []
    for name in ("site", "pbx"):
        (folder / name).mkdir()
        ends.append(Network(f"tcx{os.getpid()}{name}", folder / name))
    try:
        for net, other, lossy in zip(ends, ends[::-1], (loss, 0), strict=True):
            net.run("ip", "netns", "add", net.name)
            sockets = str(net.folder / "end"), str(other.folder / "end")
            net.start(sys.executable, lossy_line.__file__, *sockets, str(lossy), str(DELAY_S), str(net.folder / "lost"))
        for net in ends:
            net.until((net.folder / "end").exists)
        for net, address in zip(ends, (SITE, PBX), strict=True):
            net.run("ip", "-n", net.name, "addr", "add", f"{address}/24", "dev", "tun0")
            net.run("ip", "-n", net.name, "link", "set", "tun0", "up")
            net.capture("tun0")
        yield ends[0], ends[1]
    finally:
        for net in ends:
            for child in reversed(net.started):
                net.stop(child)
            net.run("ip", "netns", "del", net.name)


def test_what_the_line_loses_is_counted_at_both_ends(tmp_path: Path) -> None:
    why = missing("ss") or (None if Path("/dev/net/tun").exists() else "no /dev/net/tun: no line can be made")
    if why:
        pytest.skip(why)
    with line(tmp_path, 0.05) as (site, pbx):
        pbx.start(sys.executable, "-c", SERVER)
        pbx.listening(PBX, 5090, tcp=True)
        site.done(site.start(sys.executable, "-c", CLIENT))
        captured = []
        for net in (site, pbx):
            net.stop(net.started[1])
            captured.append(net.file.read_bytes())
        lost = sum(int(size) > HEADERS for size in (site.folder / "lost").read_text().split())
    assert lost >= 8
    for data in captured:
        up, down = read(data).facts.of(TunnelWay)
        assert (up.sender.partition(":")[0], up.receiver) == (SITE, f"{PBX}:5090")
        # Linux sends small neighbours that were lost again as one
        assert 0.3 * lost <= up.repeats <= 1.5 * lost + 2
        assert down.repeats <= 2
        assert up.round_trip_ms is not None
        assert 2000 * DELAY_S <= up.round_trip_ms < 3000 * DELAY_S
