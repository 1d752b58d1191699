"""Reads packets: from a record's bytes to an RTP row, a note, or a call of the layer above.

This file runs as it is. Where Cython was there when the project was built, the same file is a compiled module, with the
types of ``kernel.pxd``; both give the same results. The compiled one leaves Python's lock alone while it reads packets: what it
finds for others it puts into a queue, which `Kernel.relieve` empties. So: numbers are bounded by masks where C would wrap, every
read of more than one byte goes through `Kernel.be16`, `Kernel.be32` and `Kernel.le32`, every loop moves on by construction or says
so, and an offset is compared with the end of the bytes before it is read.

One module and one class on purpose: what is called for each packet has to be inlined, and an extension that is optional
has to build as a whole or not at all.

Nothing here raises for bad content: malformed packets are counted, with the first frame.
"""

# ruff: noqa: PLR1714, SIM109, RET504 - comparisons of C integers, no sets; a local has a type, a result has none
# ruff: noqa: PLR0911, PLR0912, PLR0917, C901, ANN401 - one level of calls less in each packet; any buffer, any layer above
from __future__ import annotations

from typing import Any

try:
    import cython
except ImportError:  # nobody needs it for a kernel that runs interpreted
    from parsers import interpreted as cython

MASK = 0xFFFFFFFFFFFFFFFF
WORD = 0xFFFFFFFF
MIX1 = 0x9E3779B97F4A7C15
MIX2 = 0xC2B2AE3D27D4EB4F
MIX3 = 0x165667B19E3779F9

BLOCK = 1 << 15
"""Rows of a block of RTP."""
RING = 1 << 10
"""How many packets a copy may lie behind its original (CAP-06), besides the millisecond."""
BUCKETS = 1 << 11
CHAIN = 64
TRIES = 8
"""Likely copies of one packet that are compared with it."""
EARLIER = 1 << 62
"""Added to the places of packets in the buffer before."""
NEAR_NS = 1_000_000
MAX_FLOWS = 1 << 20
PROBES = 256

RTP_KEY = 0x10
UDP_KEY = 0x20
TCP_KEY = 0x30

LOOK = 0
BORING = 1

SIP, STUN, DNS, DTLS, TUNNEL, KEEPALIVE, RTCP, OTHER, DHCP = 1, 2, 3, 5, 7, 8, 9, 10, 11
TUNNEL_PORT = 5090
"""Of 3CX SBCs, apps and bridges, over UDP and TCP."""
VXLAN_PORT, VXLAN_OLD_PORT, GENEVE_PORT, TZSP_PORT = 4789, 8472, 6081, 37008
"""UDP ports to which mirrored Ethernet frames are sent."""
DTLS_NOTES = 32
OTHER_NOTES = 4

TIME_LIMIT = 9_000_000_000_000_000_000
DAY_NS = 86_400_000_000_000
LARGEST = 0xFFFFFF
LAST_SECOND = 9_000_000_000
COOKIE = 0x2112A442
DHCP_COOKIE = 0x63825363

QUEUE = 1 << 10
ENTRY = 8
SPARE = 16
"""Entries and flows that one packet may need, encapsulated in others, at most."""
TCP_ENTRY, UNSUPPORTED_ENTRY, TUNNELLED_ENTRY, SEGMENT_ENTRY = 20, 21, 22, 23
LINK_LAYER, ETHERTYPE_LAYER, IP_LAYER, FRAGMENTS_LAYER, UDP_LAYER = 0, 1, 2, 3, 4
LAYERS = ("link", "ethertype", "ip", "fragments", "udp")
FRAGMENT, ICMP = 1, 2


def column(kind: str, count: int) -> memoryview:
    """A column of zeros; ``kind`` is a letter of `struct`."""
    size = {"B": 1, "H": 2, "I": 4, "q": 8, "Q": 8}[kind]
    return memoryview(bytearray(size * count)).cast(kind)  # type: ignore[call-overload,no-any-return]


def widened(kind: str, old: Any, count: int) -> memoryview:
    """A column that starts with the entries of an old one."""
    new = column(kind, count)
    new[: len(old)] = memoryview(old)
    return new


class Block:
    """Rows of RTP in file order: columns of `BLOCK` entries of which ``rows`` are filled.

    ``time`` ns, ``stream`` the flow's number, ``stamp`` and ``seq`` as sent, ``head`` the first four payload bytes (0 where
    there are fewer), ``size`` payload bytes, ``mark`` marker bit and payload type, ``tos``.
    """

    def __init__(self) -> None:
        self.rows = 0
        self.time = column("q", BLOCK)
        self.stream = column("I", BLOCK)
        self.stamp = column("I", BLOCK)
        self.head = column("I", BLOCK)
        self.frame = column("I", BLOCK)
        self.seq = column("H", BLOCK)
        self.size = column("H", BLOCK)
        self.mark = column("B", BLOCK)
        self.tos = column("B", BLOCK)


class Seen:
    """The last `RING` packets by a hash of what makes a packet itself, to find copies of a mirror port."""

    def __init__(self) -> None:
        self.count = 0
        self.heads = column("q", BUCKETS)
        # hash, time, place, size, number of the packet before in the bucket: side by side for the processor's cache
        self.ring = column("Q", RING * 8)

    def look(self, number: int, key: int, time: int, size: int) -> int:
        """The slot of the last likely copy up to packet ``number``: same hash, same size, within a millisecond; else -1."""
        oldest = self.count - RING
        steps = 0
        extent = size
        while number > oldest and number > 0 and steps < CHAIN:
            steps += 1
            slot = (number & (RING - 1)) * 8
            if self.ring[slot] == key and self.ring[slot + 3] == extent:
                then = self.ring[slot + 1]
                gap = time - then
                if -NEAR_NS <= gap <= NEAR_NS:
                    return slot
            number = self.ring[slot + 4]
        return -1

    def age(self) -> int:
        """From now on the places are those of the buffer before; what lies before that one is no packet's copy."""
        slot = 0
        while slot < RING * 8:
            place = self.ring[slot + 2]
            if place < EARLIER:
                self.ring[slot + 2] = place + EARLIER
            else:
                self.ring[slot + 3] = WORD  # no packet is so long
            slot += 8
        return 0

    def add(self, key: int, time: int, place: int, size: int) -> int:
        """Remember a packet."""
        bucket = key & (BUCKETS - 1)
        self.count += 1
        slot = (self.count & (RING - 1)) * 8
        self.ring[slot] = key
        self.ring[slot + 1] = time
        self.ring[slot + 2] = place
        self.ring[slot + 3] = size
        self.ring[slot + 4] = self.heads[bucket]
        self.heads[bucket] = self.count
        return 0


class Kernel:
    """Walks the packets of one buffer.

    ``upper`` is told of TCP segments, IP fragments and ICMP; ``notes`` of payloads; ``rows`` is called with each full
    `Block` of RTP.

    ``tight``: the queue, the block or the table of flows may not hold what the next packet needs, or ``asked`` holds a
    fragment or an ICMP error that has to go up before the next packet is read.
    """

    def __init__(self, data: Any, upper: Any, notes: Any, rows: Any) -> None:
        self.data = data
        self.earlier = data
        self.upper = upper
        self.notes = notes
        self.rows = rows
        self.heap = 0
        self.frame = 0
        self.now = 0
        self.stopped = 0
        self.big = False
        self.nano = False
        self.limit = 0
        self.link = 0
        self.links = column("I", 1)
        self.units = column("I", 1)
        self.scales = column("Q", 1)
        self.shifts = column("q", 1)
        self.seen_rtp = Seen()
        self.seen = Seen()
        self.block = Block()
        self.filled = 0
        self.queue = column("q", QUEUE * ENTRY)
        self.queued = 0
        self.tight = False
        self.asking = 0
        self.asked = column("Q", 13)
        self.flows = 0
        self.keys = column("Q", 0)
        self.count = column("I", 0)
        self.state = column("B", 0)
        self.room = 0
        self.mask = 0
        self.grow()
        self.take(self.block)
        self.begin()

    def go_on(self, data: Any) -> None:
        """Read another buffer as what follows: flows, RTP rows and the count of frames go on, places and all other counts
        begin anew.
        """
        self.earlier = self.data
        self.data = data
        self.seen_rtp.age()
        self.seen.age()
        self.begin()

    def follow(self, data: Any, at: int) -> None:
        """Read on in a buffer that begins with what stands at place ``at`` of the one before: it is the same capture."""
        if at:
            self.earlier = self.data
            self.seen_rtp.age()
            self.seen.age()
        self.data = data
        self.trusted = -1

    def begin(self) -> None:
        """Places and counts, but that of frames, are those of a new buffer."""
        self.header = 16
        self.trusted = -1
        self.interfaces = 0
        self.truncated = 0
        self.duplicates = 0
        self.fragments = 0
        self.unreachable = 0
        self.malformed = 0
        self.malformed_frame = 0
        self.overflow = 0
        self.unsupported = 0
        self.bad_times = 0
        self.first = TIME_LIMIT
        self.last = -1

    # ---- bytes

    def be16(self, at: int) -> int:
        """Two bytes in network order, unsigned."""
        word: int = self.data[at]
        word = word << 8 | self.data[at + 1]
        return word

    def be32(self, at: int) -> int:
        """Four bytes in network order, unsigned."""
        word: int = self.data[at]
        word = word << 8 | self.data[at + 1]
        word = word << 8 | self.data[at + 2]
        word = word << 8 | self.data[at + 3]
        return word

    def le32(self, at: int) -> int:
        """Four bytes, the lowest first, unsigned."""
        word: int = self.data[at + 3]
        word = word << 8 | self.data[at + 2]
        word = word << 8 | self.data[at + 1]
        word = word << 8 | self.data[at]
        return word

    # ---- tables

    def take(self, block: Any) -> None:
        """Fill this block from now on."""
        self.block = block
        self.filled = 0
        self.r_time = block.time
        self.r_stream = block.stream
        self.r_stamp = block.stamp
        self.r_head = block.head
        self.r_frame = block.frame
        self.r_seq = block.seq
        self.r_size = block.size
        self.r_mark = block.mark
        self.r_tos = block.tos

    def flush(self) -> None:
        """Hand over the rows so far."""
        if self.filled:
            self.block.rows = self.filled
            self.rows(self.block)
            self.take(Block())

    def grow(self) -> None:
        """Make room for twice as many flows."""
        room = self.room * 2 if self.room else 1024
        self.keys = widened("Q", self.keys, room * 8)
        self.count = widened("I", self.count, room)
        self.state = widened("B", self.state, room)
        self.slots = column("I", room * 2)
        self.room = room
        self.mask = room * 2 - 1
        flow = 0
        while flow < self.flows:
            slot = self.place_of(flow)
            while self.slots[slot]:
                slot = (slot + 1) & self.mask
            self.slots[slot] = flow + 1
            flow += 1

    def place_of(self, flow: int) -> int:
        """The first slot of a flow that is known."""
        at = flow * 8
        key = key_of(
            self.keys[at], self.keys[at + 1], self.keys[at + 2], self.keys[at + 3], self.keys[at + 4], self.keys[at + 5]
        )
        return key & self.mask

    def flow(self, number: int) -> tuple[int, int, int, int, int, int, int]:
        """A flow by its number: key space and IP version, source and destination (high, low), ports, SSRC."""
        at = number * 8
        tail = self.keys[at + 5]
        return (
            tail >> 32, self.keys[at], self.keys[at + 1], self.keys[at + 2], self.keys[at + 3], self.keys[at + 4], tail & WORD
        )  # fmt: skip

    def intern(self, src_hi: int, src: int, dst_hi: int, dst: int, ports: int, tail: int) -> int:
        """The number of a flow, from 0; -1 when there are too many.

        ``tail`` is the SSRC (0 where there is none) and above it the key space and the IP version.
        """
        if self.flows + SPARE > self.room and self.room < MAX_FLOWS:
            self.grow()
        return self.number(src_hi, src, dst_hi, dst, ports, tail)

    def number(self, src_hi: int, src: int, dst_hi: int, dst: int, ports: int, tail: int) -> int:
        """What `intern` gives, for one of the next `SPARE` flows."""
        slot = key_of(src_hi, src, dst_hi, dst, ports, tail) & self.mask
        probes = 0
        while True:
            flow = self.slots[slot]
            if flow == 0:
                break
            flow -= 1
            at = flow * 8
            if (
                self.keys[at + 4] == ports
                and self.keys[at + 5] == tail
                and self.keys[at + 1] == src
                and self.keys[at + 3] == dst
                and self.keys[at] == src_hi
                and self.keys[at + 2] == dst_hi
            ):
                return flow
            probes += 1
            if probes > PROBES:
                self.overflow += 1
                return -1
            slot = (slot + 1) & self.mask
        if self.flows >= self.room:
            self.overflow += 1
            return -1
        flow = self.flows
        self.flows += 1
        if self.flows + SPARE > self.room and self.room < MAX_FLOWS:
            self.tight = True
        self.slots[slot] = flow + 1
        at = flow * 8
        self.keys[at] = src_hi
        self.keys[at + 1] = src
        self.keys[at + 2] = dst_hi
        self.keys[at + 3] = dst
        self.keys[at + 4] = ports
        self.keys[at + 5] = tail
        return flow

    # ---- what others have to be told

    def push(self, kind: int, flow: int, place: int, size: int, flags: int, more: int) -> int:
        """Queue what was found in this packet; what the numbers are, `settle` says."""
        at = self.queued * ENTRY
        self.queue[at] = kind
        self.queue[at + 1] = self.frame
        self.queue[at + 2] = self.now
        self.queue[at + 3] = flow
        self.queue[at + 4] = place
        self.queue[at + 5] = size
        self.queue[at + 6] = flags
        self.queue[at + 7] = more
        self.queued += 1
        if self.queued + SPARE > QUEUE:
            self.tight = True
        return 0

    def settle(self) -> None:
        """Hand on what is queued, in order."""
        frame, now = self.frame, self.now
        entry = 0
        while entry < self.queued:
            at = entry * ENTRY
            entry += 1
            kind = self.queue[at]
            flow, place = self.queue[at + 3], self.queue[at + 4]
            if kind == TCP_ENTRY:
                flags, seq = self.queue[at + 6] & 0xFF, self.queue[at + 6] >> 8
                size, limit = self.queue[at + 5], self.queue[at + 7]
                if self.state[flow] == BORING and flags & 2 == 0:
                    if size == 0 or self.sip_start(place, limit, 0) < 0:
                        continue
                    self.state[flow] = LOOK
                self.frame, self.now = self.queue[at + 1], self.queue[at + 2]
                self.upper.tcp(flow, seq, flags, place, limit, size)
            elif kind == SEGMENT_ENTRY:
                flags, seq = self.queue[at + 6], self.queue[at + 7]
                self.frame, self.now = self.queue[at + 1], self.queue[at + 2]
                self.upper.segment(flow, place, seq, flags >> 8, flags & 0xFF, self.queue[at + 5])
            elif kind == UNSUPPORTED_ENTRY:
                self.upper.unsupported(LAYERS[place], flow, self.queue[at + 1])
            elif kind == TUNNELLED_ENTRY:
                self.upper.tunnelled(flow, self.queue[at + 1])
            else:
                self.notes.add(
                    kind, self.queue[at + 1], self.queue[at + 2], flow, place, self.queue[at + 5], self.queue[at + 6],
                    self.queue[at + 7],
                )  # fmt: skip
        self.queued = 0
        self.frame, self.now = frame, now

    def relieve(self) -> None:
        """Make room for the next packet."""
        if self.filled == BLOCK:
            self.flush()
        if self.queued:
            self.settle()
        kind = self.asking
        if kind:
            self.asking = 0
            version, src_hi, src = self.asked[0], self.asked[1], self.asked[2]
            dst_hi, dst = self.asked[3], self.asked[4]
            if kind == FRAGMENT:
                self.upper.fragment(
                    version, src_hi, src, dst_hi, dst, self.asked[5], self.asked[6], self.asked[7], self.asked[8],
                    self.asked[9], self.asked[10], self.asked[11], self.asked[12],
                )  # fmt: skip
            else:
                self.upper.icmp(
                    version, src_hi, src, dst_hi, dst, self.asked[5], self.asked[6], self.asked[7], self.asked[8]
                )  # fmt: skip
        if self.flows + SPARE > self.room and self.room < MAX_FLOWS:
            self.grow()
        self.tight = False

    def ask(
        self, kind: int, version: int, src_hi: int, src: int, dst_hi: int, dst: int,
        a: int, b: int, c: int, d: int, e: int, f: int, g: int, h: int,
    ) -> int:  # fmt: skip
        """Have a fragment or an ICMP error go up before the next packet is read."""
        self.asked[0] = version
        self.asked[1] = src_hi
        self.asked[2] = src
        self.asked[3] = dst_hi
        self.asked[4] = dst
        self.asked[5] = a
        self.asked[6] = b
        self.asked[7] = c
        self.asked[8] = d
        self.asked[9] = e
        self.asked[10] = f
        self.asked[11] = g
        self.asked[12] = h
        self.asking = kind
        self.tight = True
        return 0

    def unread(self, layer: int, number: int) -> int:
        """Count a packet that cannot be decoded; ``layer`` is an index of `LAYERS`."""
        self.unsupported += 1
        return self.push(UNSUPPORTED_ENTRY, number, layer, 0, 0, 0)

    # ---- records

    def pcap(self, at: int, stop: int) -> int:
        """Read pcap records from ``at`` until ``stop`` is passed; the place of the first one that was not read.

        ``stopped``: 0 there is more, 1 the bytes end inside a record, 2 its length cannot be, 4 it is odd (its time is more
        than a day off, its lengths contradict each other): then it is only read as the record at ``trusted``.
        """
        self.stopped = 0
        while at < stop and not self.stopped:
            with cython.nogil:
                at = self.run_pcap(at, stop)
            self.relieve()
        return at

    def pcapng(self, at: int, stop: int) -> int:
        """Read pcapng enhanced packet blocks from ``at`` on; the place of the first block that was not read.

        ``stopped``: 0 there is more, 1 the bytes end inside a block, 2 its lengths cannot be, 3 another kind of block.
        """
        self.stopped = 0
        while at < stop and not self.stopped:
            with cython.nogil:
                at = self.run_pcapng(at, stop)
            self.relieve()
        return at

    def record(self, link: int, at: int, length: int, original: int) -> None:
        """Read one captured packet of a link type."""
        self.packet(link, at, length, original)
        self.relieve()

    def run_pcap(self, at: int, stop: int) -> int:
        """What `pcap` does while there is room."""
        size = len(self.data)
        while at < stop and not self.tight:
            if size - at < self.header:
                self.stopped = 1
                break
            if self.big:
                seconds, part = self.be32(at), self.be32(at + 4)
                length, original = self.be32(at + 8), self.be32(at + 12)
            else:
                seconds, part = self.le32(at), self.le32(at + 4)
                length, original = self.le32(at + 8), self.le32(at + 12)
            if length > self.limit:
                self.stopped = 2
                break
            if length > size - at - self.header:
                self.stopped = 1
                break
            if part >= (1_000_000_000 if self.nano else 1_000_000) or (length == 0 and original == 0 and seconds == 0):
                self.stopped = 2
                break
            time = seconds * 1_000_000_000 + (part if self.nano else part * 1000)
            if (
                (time - self.now > DAY_NS or self.now - time > DAY_NS or length > original or original > LARGEST)
                and self.frame
                and at != self.trusted
            ):
                self.stopped = 4
                break
            self.clock(time)
            self.packet(self.link, at + self.header, length, original)
            at += self.header + length
        return at

    def run_pcapng(self, at: int, stop: int) -> int:
        """What `pcapng` does while there is room."""
        size = len(self.data)
        while at < stop and not self.tight:
            if size - at < 12:
                self.stopped = 1
                break
            if self.big:
                kind, whole = self.be32(at), self.be32(at + 4)
            else:
                kind, whole = self.le32(at), self.le32(at + 4)
            if kind != 6:
                self.stopped = 3
                break
            if whole < 32 or whole & 3 or whole > self.limit:
                self.stopped = 2
                break
            if whole > size - at:
                self.stopped = 1
                break
            if self.big:
                number, high, low = self.be32(at + 8), self.be32(at + 12), self.be32(at + 16)
                length, original = self.be32(at + 20), self.be32(at + 24)
                again = self.be32(at + whole - 4)
            else:
                number, high, low = self.le32(at + 8), self.le32(at + 12), self.le32(at + 16)
                length, original = self.le32(at + 20), self.le32(at + 24)
                again = self.le32(at + whole - 4)
            if length > whole - 32 or again != whole or number >= self.interfaces:
                self.stopped = 2
                break
            self.clock(self.stamp(number, high, low))
            self.packet(self.links[number], at + 28, length, original)
            at += whole
        return at

    def stamp(self, number: int, high: int, low: int) -> int:
        """Nanoseconds of a pcapng time stamp of an interface; -1 where they cannot be told.

        ``units`` 0: a unit is ``scales`` ns; 1: ``scales`` units are one ns; 2: a unit is 2**-scales s; 3: unknown.
        """
        ticks = high << 32 | low
        unit = self.units[number]
        scale = self.scales[number]
        if unit == 0:
            if ticks > TIME_LIMIT // scale:
                return -1
            time = ticks * scale
        elif unit == 1:
            time = ticks // scale
        elif unit == 2:
            seconds = ticks >> scale
            ticks -= seconds << scale
            if scale > 30:
                ticks >>= scale - 30
                scale = 30
            if seconds > LAST_SECOND:
                return -1
            time = seconds * 1_000_000_000 + (ticks * 1_000_000_000 >> scale)
        else:
            return -1
        if time > TIME_LIMIT:
            return -1
        shift = self.shifts[number]
        if shift > 0 and time > TIME_LIMIT - shift:
            return -1
        time += shift
        return time if time >= 0 else -1

    def clock(self, time: int) -> int:
        """Set the time of the packet that comes next; -1 keeps the time of the one before."""
        if time < 0:
            self.bad_times += 1
            return 0
        self.now = time
        self.first = min(self.first, time)
        self.last = max(self.last, time)
        return 0

    def packet(self, link: int, at: int, length: int, original: int) -> int:
        """One captured packet of a link type."""
        self.frame += 1
        if length < original:
            self.truncated += 1
        end = at + length
        if link == 1:
            self.ethernet(at, end, 0)
        elif link == 113 or link == 276:
            header = 16 if link == 113 else 20
            if length < header:
                self.bad()
                return 0
            self.ether(self.be16(at + 14) if link == 113 else self.be16(at), at + header, end, 0)
        elif link == 12 or link == 14 or link == 101 or link == 228 or link == 229:
            if length < 1:
                self.bad()
                return 0
            self.ether(0x86DD if self.data[at] >> 4 == 6 else 0x0800, at, end, 0)
        elif link == 0 or link == 108:
            if length < 4:
                self.bad()
                return 0
            family = self.be32(at)
            if family > 0xFFFF:
                family = self.le32(at)
            if family == 2:
                self.ether(0x0800, at + 4, end, 0)
            elif family == 10 or family == 24 or family == 28 or family == 30:
                self.ether(0x86DD, at + 4, end, 0)
        else:
            self.unread(LINK_LAYER, link)
        return 0

    # ---- link and network layer

    def bad(self) -> int:
        """Count a malformed packet."""
        if self.malformed == 0:
            self.malformed_frame = self.frame
        self.malformed += 1
        return 0

    def ethernet(self, at: int, end: int, depth: int) -> int:
        """An Ethernet frame."""
        if end - at < 14:
            self.bad()
            return 0
        self.ether(self.be16(at + 12), at + 14, end, depth)
        return 0

    def ether(self, kind: int, at: int, end: int, depth: int) -> int:
        """What follows an EtherType: VLAN tags (any number up to 8), PPPoE session, IP; others are passed over."""
        tags = 0
        while kind == 0x8100 or kind == 0x88A8 or kind == 0x9100:
            if end - at < 4 or tags > 7:
                self.bad()
                return 0
            tags += 1
            kind = self.be16(at + 2)
            at += 4
        if kind == 0x8864:
            if end - at < 8:
                self.bad()
                return 0
            kind = self.be16(at + 6)
            at += 8
            if kind == 0x0021:
                kind = 0x0800
            elif kind == 0x0057:
                kind = 0x86DD
            else:
                return 0
        if kind == 0x0800:
            self.ipv4(at, end, depth)
        elif kind == 0x86DD:
            self.ipv6(at, end, depth)
        elif kind == 0x8847 or kind == 0x8848 or kind == 0x88E7:
            self.unread(ETHERTYPE_LAYER, kind)
        return 0

    def ipv4(self, at: int, end: int, depth: int) -> int:
        """An IPv4 packet. Captured bytes end at ``end``; the packet itself may end before (padding) or after (snaplen)."""
        if end - at < 20 or self.data[at] >> 4 != 4:
            self.bad()
            return 0
        header = (self.data[at] & 15) * 4
        total = self.be16(at + 2)
        if header < 20 or end - at < header or 0 < total < header:
            self.bad()
            return 0
        ident = self.be16(at + 4)
        fragment = self.be16(at + 6) & 0x3FFF
        stop = at + total if total else end
        src, dst = self.be32(at + 12), self.be32(at + 16)
        if fragment:
            self.fragments += 1
            if self.heap:
                # a fragment inside a datagram that came in fragments: what it lies in is not the capture
                return 0
            if not self.copied(4, 0, src, 0, dst, ident << 16 | fragment, 255, at + header, end, stop):
                more = 1 if fragment & 0x2000 else 0
                self.ask(
                    FRAGMENT, 4, 0, src, 0, dst, ident, self.data[at + 9], (fragment & 0x1FFF) * 8, more, self.data[at + 1],
                    at + header, min(stop, end), stop - at - header,
                )  # fmt: skip
            return 0
        self.transport(4, 0, src, 0, dst, ident, self.data[at + 9], self.data[at + 1], at + header, end, stop, depth)
        return 0

    def ipv6(self, at: int, end: int, depth: int) -> int:
        """An IPv6 packet with its extension headers (at most 16)."""
        if end - at < 40 or self.data[at] >> 4 != 6:
            self.bad()
            return 0
        total = self.be16(at + 4)
        kind = self.data[at + 6]
        tos = self.be16(at) >> 4 & 0xFF
        src_hi = self.be32(at + 8) << 32 | self.be32(at + 12)
        src = self.be32(at + 16) << 32 | self.be32(at + 20)
        dst_hi = self.be32(at + 24) << 32 | self.be32(at + 28)
        dst = self.be32(at + 32) << 32 | self.be32(at + 36)
        at += 40
        stop = at + total if total else end
        headers = 0
        while kind == 0 or kind == 43 or kind == 60 or kind == 51 or kind == 44:
            headers += 1
            if end - at < 8 or headers > 16:
                self.bad()
                return 0
            if kind == 44:
                self.fragments += 1
                offset = self.be16(at + 2)
                ident = self.be32(at + 4)
                kind = self.data[at]
                at += 8
                if offset & 0xFFF9:
                    if stop < at:
                        self.bad()
                        return 0
                    if not self.heap and not self.copied(
                        6, src_hi, src, dst_hi, dst, ident << 16 | offset, 255, at, end, stop
                    ):  # fmt: skip
                        self.ask(
                            FRAGMENT, 6, src_hi, src, dst_hi, dst, ident, kind, offset & 0xFFF8, offset & 1, tos,
                            at, min(stop, end), stop - at,
                        )  # fmt: skip
                    return 0
                continue
            length = (self.data[at + 1] + 2) * 4 if kind == 51 else (self.data[at + 1] + 1) * 8
            kind = self.data[at]
            if end - at < length or stop - at < length:
                self.bad()
                return 0
            at += length
        self.transport(6, src_hi, src, dst_hi, dst, 0, kind, tos, at, end, stop, depth)
        return 0

    def copied(
        self, version: int, src_hi: int, src: int, dst_hi: int, dst: int, ident: int, kind: int,
        at: int, end: int, stop: int,
    ) -> bool:  # fmt: skip
        """Whether a packet is a copy of one that was seen within a millisecond (CAP-06); counts it."""
        limit = min(stop, end)
        size = limit - at
        key = key_of(src_hi, src, dst_hi, dst, ident, kind << 8 | version)
        skip = -2
        if kind == 17:
            skip = 6
        elif kind == 6:
            skip = 16
        elif kind == 1 or kind == 58:
            skip = 2
        place = at
        top = at + 48 if limit - at > 48 else limit
        while place + 4 <= top:
            word = self.be32(place)
            if place - at == skip - 2:
                word >>= 16
            elif place - at == skip:
                word = 0
            key = ((key ^ word) * MIX1) & MASK
            key ^= key >> 29
            place += 4
        slot = self.seen.look(self.seen.heads[key & (BUCKETS - 1)], key, self.now, size)
        tries = 0
        while slot >= 0:
            # two messages may begin alike, and come with their copies in turns
            tries += 1
            if self.alike(at, self.seen.ring[slot + 2], size, skip):
                break
            slot = -1 if tries == TRIES else self.seen.look(self.seen.ring[slot + 4], key, self.now, size)
        self.seen.add(key, self.now, at, size)
        if slot < 0:
            return False
        self.duplicates += 1
        return True

    def alike(self, at: int, found: int, size: int, skip: int) -> bool:
        """Whether so many bytes are the same at two places, but for a checksum of two bytes at ``skip``."""
        place = 0
        if found < EARLIER:
            while place < size and (
                self.data[at + place] == self.data[found + place] or place == skip or place == skip + 1
            ):
                place += 1
        else:
            found -= EARLIER
            while place < size and (
                self.data[at + place] == self.earlier[found + place] or place == skip or place == skip + 1
            ):
                place += 1
        return place == size

    def transport(
        self, version: int, src_hi: int, src: int, dst_hi: int, dst: int, ident: int, kind: int, tos: int,
        at: int, end: int, stop: int, depth: int,
    ) -> int:  # fmt: skip
        """What IP carries: UDP, TCP, ICMP, IP in IP, GRE; the capture ends at ``end``, the packet at ``stop``."""
        limit = min(stop, end)
        size = limit - at
        if self.heap and (kind == 6 or kind == 1 or kind == 58 or kind == 132):
            if kind == 6 or kind == 132:
                self.unread(FRAGMENTS_LAYER, kind)
            return 0
        if kind == 17:
            if size < 8:
                if stop - at < 8:
                    self.bad()
                return 0
            self.udp(version, src_hi, src, dst_hi, dst, ident, tos, at, limit, stop, depth)
        elif kind == 6:
            if size < 20:
                if stop - at < 20:
                    self.bad()
                return 0
            self.tcp(version, src_hi, src, dst_hi, dst, ident, at, limit, stop)
        elif kind == 1 or kind == 58:
            if size < 8:
                if stop - at < 8:
                    self.bad()
                return 0
            if self.copied(version, src_hi, src, dst_hi, dst, ident, kind, at, limit, stop):
                return 0
            if (kind == 1 and self.data[at] == 3) or (kind == 58 and self.data[at] == 1):
                self.unreachable += 1
            if (kind == 1 and (self.data[at] == 3 or self.data[at] == 11)) or (kind == 58 and 1 <= self.data[at] <= 4):
                self.ask(
                    ICMP, version, src_hi, src, dst_hi, dst, self.data[at], self.data[at + 1], at + 8, limit, 0, 0, 0, 0
                )  # fmt: skip
        elif kind == 4 and depth < 4:
            self.push(TUNNELLED_ENTRY, kind, 0, 0, 0, 0)
            self.ipv4(at, limit, depth + 1)
        elif kind == 41 and depth < 4:
            self.push(TUNNELLED_ENTRY, kind, 0, 0, 0, 0)
            self.ipv6(at, limit, depth + 1)
        elif kind == 47 and depth < 4:
            self.gre(at, limit, depth)
        elif kind == 132:
            self.unread(IP_LAYER, kind)
        return 0

    def gre(self, at: int, limit: int, depth: int) -> int:
        """Generic routing encapsulation (RFC 2784, RFC 2890) of IP or Ethernet."""
        if limit - at < 4:
            self.bad()
            return 0
        flags = self.be16(at)
        kind = self.be16(at + 2)
        header = 4 + (4 if flags & 0x8000 else 0) + (4 if flags & 0x2000 else 0) + (4 if flags & 0x1000 else 0)
        if flags & 0x4007 or limit - at < header:
            self.unread(IP_LAYER, 47)
            return 0
        self.push(TUNNELLED_ENTRY, 47, 0, 0, 0, 0)
        at += header
        if kind == 0x6558:
            self.ethernet(at, limit, depth + 1)
        elif kind == 0x88BE:
            # a mirror port's frames (ERSPAN); only its first form has no sequence number, and no header of its own
            self.ethernet(at + (8 if flags & 0x1000 else 0), limit, depth + 1)
        elif kind == 0x22EB:
            if limit - at < 12:
                self.bad()
                return 0
            self.ethernet(at + (20 if self.data[at + 11] & 1 else 12), limit, depth + 1)
        else:
            self.ether(kind, at, limit, depth + 1)
        return 0

    # ---- transport

    def tcp(
        self, version: int, src_hi: int, src: int, dst_hi: int, dst: int, ident: int, at: int, limit: int, stop: int
    ) -> int:  # fmt: skip
        """A TCP segment; only those that open a flow or may hold something readable go up."""
        header = (self.data[at + 12] >> 4) * 4
        if header < 20 or stop - at < header:
            self.bad()
            return 0
        place = at + header
        if (stop > place or ident) and self.copied(version, src_hi, src, dst_hi, dst, ident, 6, at, limit, stop):
            return 0
        flags = self.data[at + 13]
        ports = self.be32(at)
        if ports & 0xFFFF == TUNNEL_PORT or ports >> 16 == TUNNEL_PORT:
            flow = self.number(src_hi, src, dst_hi, dst, ports, (TCP_KEY | version) << 32)
            if flow >= 0:
                self.push(
                    SEGMENT_ENTRY, flow, self.be32(at + 4), stop - place, self.be16(at + 14) << 8 | flags,
                    self.be32(at + 8),
                )  # fmt: skip
        if place > limit or (stop == place and flags & 2 == 0):
            return 0
        flow = self.number(src_hi, src, dst_hi, dst, ports, (TCP_KEY | version) << 32)
        if flow < 0:
            return 0
        self.push(TCP_ENTRY, flow, place, stop - place, self.be32(at + 4) << 8 | flags, limit)
        return 0

    def udp(
        self, version: int, src_hi: int, src: int, dst_hi: int, dst: int, ident: int, tos: int,
        at: int, limit: int, stop: int, depth: int,
    ) -> int:  # fmt: skip
        """A UDP datagram, sorted by its content."""
        ports = self.be32(at)
        length = self.be16(at + 4)
        if length:
            if length < 8:
                self.bad()
                return 0
            if at + length < stop:
                stop = at + length
                limit = min(limit, stop)
        place = at + 8
        have = limit - place
        size = stop - place
        sport = ports >> 16
        dport = ports & 0xFFFF
        if have >= 12 and self.data[place] & 0xC0 == 0x80 and sport != 53 and dport != 53:
            mark = self.data[place + 1]
            if (mark & 0x7F) < 64 or (mark & 0x7F) > 95:
                self.rtp(version, src_hi, src, dst_hi, dst, ident, tos, ports, place, have, size)
                return 0
        if (size > 0 or ident) and not self.heap and self.copied(
            version, src_hi, src, dst_hi, dst, ident, 17, at, limit, stop
        ):  # fmt: skip
            return 0
        if have <= 0:
            return 0
        if (
            dport == VXLAN_PORT or dport == VXLAN_OLD_PORT or dport == GENEVE_PORT or dport == TZSP_PORT
        ) and depth < 4:  # fmt: skip
            inner = self.mirrored(place, limit, dport)
            if inner:
                self.push(TUNNELLED_ENTRY, VXLAN_PORT if dport == VXLAN_OLD_PORT else dport, 0, 0, 0, 0)
                self.ethernet(inner, limit, depth + 1)
                return 0
        kind = self.sort(place, have, size, sport, dport)
        if kind == 0:
            return 0
        flow = self.number(src_hi, src, dst_hi, dst, ports, (UDP_KEY | version) << 32)
        if flow < 0:
            return 0
        if kind == SIP:
            start = self.sip_start(place, limit, 1)
            size -= start - place
            have -= start - place
            place = start
        elif kind == DTLS or kind == TUNNEL or kind == OTHER:
            self.count[flow] += 1
            if self.count[flow] > (DTLS_NOTES if kind == DTLS else OTHER_NOTES if kind == OTHER else 1):
                return 0
        self.push(kind, flow, place, have, 1 if have < size else 0, self.heap)
        return 0

    def mirrored(self, at: int, limit: int, port: int) -> int:
        """Where the Ethernet frame begins that a datagram carries; 0 where its form is another one."""
        if limit - at < 22:
            return 0
        if port == TZSP_PORT:
            # version 1, a packet that was received or sent, Ethernet; then tags up to the one that ends them
            if self.data[at] != 1 or self.data[at + 1] > 1 or self.be16(at + 2) != 1:
                return 0
            at += 4
            while at < limit and self.data[at] != 1:
                at += 2 + self.data[at + 1] if self.data[at] and at + 1 < limit else 1
            return at + 1 if at + 1 < limit else 0
        if self.data[at + 7] != 0:
            return 0
        if port == GENEVE_PORT:
            # version 0, options in words, transparent Ethernet bridging (RFC 8926 3.4)
            if self.data[at] >> 6 != 0 or self.be16(at + 2) != 0x6558:
                return 0
            at += 8 + (self.data[at] & 0x3F) * 4
            return at if at < limit else 0
        # the flag of a valid network number, all else is reserved (RFC 7348 5); or with the next protocol, Ethernet
        return at + 8 if self.be32(at) == 0x08000000 or self.be32(at) == 0x0C000003 else 0

    def sort(self, at: int, have: int, size: int, sport: int, dport: int) -> int:
        """What a UDP payload is (a number of `NoteKind`), 0 where nobody wants it."""
        first = self.data[at]
        if sport == 53 or dport == 53:
            return DNS if have >= 12 else 0
        if (dport == 67 or dport == 68) and have > 240 and self.be32(at + 236) == DHCP_COOKIE:
            return DHCP
        if first & 0xC0 == 0x80:
            # SR or RR; a report's length is in words, less one, and it is the first of its compound packet
            if have >= 8 and (self.data[at + 1] == 200 or self.data[at + 1] == 201):
                length = (self.be16(at + 2) + 1) * 4
                return RTCP if length <= size else 0
            return 0
        if first & 0xC0 == 0 and have >= 20 and self.stun(at, have, size):
            return STUN
        if 20 <= first <= 25 and have >= 13 and self.data[at + 1] == 0xFE and self.data[at + 2] >= 0xFC:
            return DTLS
        if size <= 4 and have == size:
            place = 0
            while place < size and (
                self.data[at + place] == 13 or self.data[at + place] == 10 or self.data[at + place] == 0
            ):
                place += 1
            if place == size:
                return KEEPALIVE
        port = 5060 <= sport <= 5069 or 5060 <= dport <= 5069
        if (port or 65 <= first <= 90 or first == 13 or first == 10) and self.sip_start(at, at + have, 1) >= 0:
            return SIP
        if sport == TUNNEL_PORT or dport == TUNNEL_PORT:
            return TUNNEL
        if sport == 4789 or dport == 4789 or sport == 2152 or dport == 2152:
            self.unread(UDP_LAYER, 4789 if sport == 4789 or dport == 4789 else 2152)
            return 0
        return OTHER if port else 0

    def stun(self, at: int, have: int, size: int) -> bool:
        """STUN by its cookie (RFC 8489), or in the form of RFC 3489: known type, exact length, attributes that fit."""
        length = self.be16(at + 2)
        if self.be32(at + 4) == COOKIE:
            return length & 3 == 0 and length + 20 <= size
        kind = self.be16(at)
        if (
            kind != 0x0001
            and kind != 0x0101
            and kind != 0x0111
            and kind != 0x0002
            and kind != 0x0102
            and kind != 0x0112
        ):
            return False
        if length + 20 != size or length & 3:
            return False
        place = at + 20
        while place + 4 <= at + have:
            kind = self.be16(place)
            if kind == 0 or (11 < kind < 0x20) or (0x30 < kind < 0x8000):
                return False
            place += 4 + ((self.be16(place + 2) + 3) & 0xFFFC)
        return have < size or place == at + size

    def sip_start(self, at: int, end: int, lenient: int) -> int:
        """Where a SIP start line stands; -1 where there is none.

        It may follow empty lines and NUL bytes, with ``lenient`` up to 8 lines of junk too, within the first 4 KiB.
        """
        stop = end if end - at < 4096 else at + 4096
        lines = 0
        while at < stop and lines < 16:
            lines += 1
            while at < stop and (
                self.data[at] == 0 or self.data[at] == 13 or self.data[at] == 10 or self.data[at] == 32
            ):
                at += 1
            eol = at
            while eol < stop and self.data[eol] != 10:
                eol += 1
            last = eol
            while last > at and (self.data[last - 1] == 13 or self.data[last - 1] == 32):
                last -= 1
            if self.start_line(at, last, eol < end):
                return at
            if not lenient or lines > 8:
                return -1
            at = eol + 1
        return -1

    def start_line(self, at: int, end: int, whole: int) -> bool:
        """``SIP/2.0 200 OK`` or ``INVITE sip:105@example.com SIP/2.0``, without its line end and the spaces before it.

        The reason phrase may be empty (RFC 3261 25.1).
        """
        if end - at < 11:
            return False
        if self.data[at] == 83 and self.data[at + 3] == 47 and self.version(at):
            return bool(
                self.data[at + 7] == 32
                and 49 <= self.data[at + 8] <= 54
                and 48 <= self.data[at + 9] <= 57
                and 48 <= self.data[at + 10] <= 57
                and (end == at + 11 or self.data[at + 11] == 32)
            )
        if not whole or self.data[end - 8] != 32 or not self.version(end - 7):
            return False
        place = at
        while place < end and self.data[place] != 32:
            # a method is a token (RFC 3261 25.1); those in use are letters
            if not (
                65 <= self.data[place] <= 90
                or 97 <= self.data[place] <= 122
                or self.data[place] == 45
                or self.data[place] == 95
            ):
                return False
            place += 1
        return at < place < end - 8 and place - at <= 32

    def version(self, at: int) -> bool:
        """The seven letters ``SIP/2.0``."""
        return bool(
            self.data[at] == 83
            and self.data[at + 1] == 73
            and self.data[at + 2] == 80
            and self.data[at + 3] == 47
            and self.data[at + 4] == 50
            and self.data[at + 5] == 46
            and self.data[at + 6] == 48
        )

    def rtp(
        self, version: int, src_hi: int, src: int, dst_hi: int, dst: int, ident: int, tos: int, ports: int,
        at: int, have: int, size: int,
    ) -> int:  # fmt: skip
        """A datagram with the form of RTP (RFC 3550 5.1): one row, or a copy."""
        first = self.data[at]
        seq = self.be16(at + 2)
        stamp = self.be32(at + 4)
        ssrc = self.be32(at + 8)
        header = 12 + (first & 15) * 4
        if first & 0x10:
            if size < header + 4:
                return 0
            if have >= header + 4:
                header += 4 + self.be16(at + header + 2) * 4
        if header > size:
            return 0
        if not self.heap:
            if version == 4:
                key = rtp_key(src, dst, ports, ident, seq, stamp, ssrc)
                slot = self.seen_rtp.look(self.seen_rtp.heads[key & (BUCKETS - 1)], key, self.now, have)
                tries = 0
                while slot >= 0:
                    tries += 1
                    if self.alike(at, self.seen_rtp.ring[slot + 2], have, -2):
                        break
                    slot = (
                        -1 if tries == TRIES else self.seen_rtp.look(self.seen_rtp.ring[slot + 4], key, self.now, have)
                    )
                self.seen_rtp.add(key, self.now, at, have)
                if slot >= 0:
                    self.duplicates += 1
                    return 0
            elif self.copied(version, src_hi, src, dst_hi, dst, ident, 17, at - 8, at + have, at + size):
                return 0
        flow = self.number(src_hi, src, dst_hi, dst, ports, (RTP_KEY | version) << 32 | ssrc)
        if flow < 0:
            return 0
        self.count[flow] += 1
        row = self.filled
        self.r_time[row] = self.now
        self.r_stream[row] = flow
        self.r_stamp[row] = stamp
        self.r_head[row] = self.be32(at + header) if have >= header + 4 else 0
        self.r_frame[row] = self.frame
        self.r_seq[row] = seq
        payload = size - header
        if first & 0x20 and have == size and self.data[at + size - 1] <= payload:
            payload -= self.data[at + size - 1]
        self.r_size[row] = payload
        self.r_mark[row] = self.data[at + 1]
        self.r_tos[row] = tos
        self.filled = row + 1
        if self.filled == BLOCK:
            self.tight = True
        return 0

    def reassembled(
        self, payload: Any, heap: int, stop: int,
        version: int, src_hi: int, src: int, dst_hi: int, dst: int, kind: int, tos: int,
    ) -> None:  # fmt: skip
        """A datagram of ``stop`` bytes that was put together from fragments, the first ``len(payload)`` of which are there.

        ``heap`` is its number among the notes' own bytes, from 1.
        """
        data = self.data
        self.data = payload
        self.heap = heap
        self.transport(version, src_hi, src, dst_hi, dst, 0, kind, tos, 0, len(payload), stop, 1)
        self.data = data
        self.heap = 0
        self.relieve()


def key_of(src_hi: int, src: int, dst_hi: int, dst: int, ports: int, tail: int) -> int:
    """A hash of a flow, 64 bits."""
    key = (src * MIX1 ^ dst * MIX2 ^ ports * MIX3) & MASK
    key ^= key >> 31
    key = (key * MIX2 ^ tail * MIX1 ^ src_hi * MIX3 ^ dst_hi * MIX1) & MASK
    key ^= key >> 29
    key = (key * MIX3) & MASK
    return key ^ key >> 32


def rtp_key(src: int, dst: int, ports: int, ident: int, seq: int, stamp: int, ssrc: int) -> int:
    """A hash of what makes an RTP packet over IPv4 itself, 64 bits."""
    key = ((src << 32 | dst) * MIX1 ^ (ports << 32 | ident << 16 | seq) * MIX2 ^ (stamp << 32 | ssrc) * MIX3) & MASK
    key ^= key >> 29
    key = (key * MIX1) & MASK
    return key ^ key >> 32
