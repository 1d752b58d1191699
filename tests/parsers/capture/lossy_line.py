"""Run in a namespace: one end of a line that takes its time and loses packets.

``lossy_line.py OWN_SOCKET OTHER_SOCKET LOSS DELAY_S LOST``: what the interface ``tun0`` sends goes to the other end, a share of it
is lost. The numbers of bytes of lost packets stand in the file ``LOST``, one a line.
"""

import contextlib
import fcntl
import os
import random
import select
import socket
import struct
import sys
import time

TUNSETIFF, TUN_WITHOUT_HEADER = 0x400454CA, 0x1001
SECONDS = 30


def main() -> None:
    own, other, loss, delay = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
    lost = open(sys.argv[5], "w", buffering=1)  # noqa: SIM115, PTH123 - until the process ends
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", b"tun0", TUN_WITHOUT_HEADER))
    line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    line.bind(own)
    chance, waiting, end = random.Random(5), list[tuple[float, bytes]](), time.monotonic() + SECONDS
    while (now := time.monotonic()) < end:
        pause = max(waiting[0][0] - now, 0) if waiting else 0.2
        ready, _, _ = select.select([tun, line.fileno()], [], [], min(pause, 0.2))
        if tun in ready:
            packet = os.read(tun, 65535)
            if chance.random() >= loss:
                waiting.append((time.monotonic() + delay, packet))
            else:
                lost.write(f"{len(packet)}\n")
        if line.fileno() in ready:
            packet = line.recv(65535)
            with contextlib.suppress(OSError):  # this end is not up yet
                os.write(tun, packet)
        while waiting and waiting[0][0] <= time.monotonic():
            line.sendto(waiting.pop(0)[1], other)


if __name__ == "__main__":
    main()
