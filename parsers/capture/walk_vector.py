"""RTP in numpy, for an interpreted kernel: the plain packets of a chunk at once, the odd ones by the kernel one by one.

Plain is RTP over UDP over IPv4 without options, on a link type that is decoded here. A chunk in which another packet might
be RTP too (IPv6, fragments, PPPoE, tunnels) goes to the kernel as a whole, so that rows stay in order and copies are found
across chunks: results are the same as the kernel's, packet by packet.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Numbers = NDArray[np.int64]
Words = NDArray[np.uint64]

CHUNK = 1 << 15
MARGIN = 128
"""The last bytes of a file are the kernel's, so that no column reaches over its end."""
HEADER = 24
PACKET = 44

# as in `parsers.capture.kernel`, which shows nobody its constants where it is compiled
MIX1 = np.uint64(0x9E3779B97F4A7C15)
MIX2 = np.uint64(0xC2B2AE3D27D4EB4F)
MIX3 = np.uint64(0x165667B19E3779F9)
RING = 1 << 10
BUCKETS = 1 << 11
CHAIN = 64
EARLIER = 1 << 62
NEAR_NS = 1_000_000
MAX_FLOWS = 1 << 20
DAY_NS = 86_400_000_000_000
LARGEST = 0xFFFFFF
MIRRORS = (4789, 8472, 6081, 37008)
"""UDP ports to which frames are sent that may hold RTP."""
RTP_KEY = 0x14 << 32
"""The kernel's, with the version of IPv4."""


class Vector:
    """Feeds an interpreted kernel; one per pass over a capture."""

    def __init__(self, kernel: Any, data: memoryview) -> None:  # noqa: ANN401 - compiled or interpreted
        self._kernel = kernel
        self._data = data
        self._bytes: Bytes = np.frombuffer(data, np.uint8)

    # ---- containers

    def pcap(self, at: int, stop: int) -> int:
        """What `Kernel.pcap` does."""
        kernel, data = self._kernel, self._data
        last = len(data) - MARGIN
        unpack = struct.Struct(">I" if kernel.big else "<I").unpack_from
        while at < stop:
            start = at
            places: list[int] = []
            top = min(stop, last + 1)
            while at < top and len(places) < CHUNK:
                places.append(at)
                at += 16 + unpack(data, at + 8)[0]
            rows, at = self._records(places, at)
            if not len(rows) or not self._chunk(rows, kernel.link):
                at = int(kernel.pcap(start, at if len(rows) else stop))
                if kernel.stopped:
                    return at
        kernel.stopped = 0
        return at

    def _records(self, places: list[int], end: int) -> tuple[Numbers, int]:
        """Place, captured and original length, time of the records whose headers stand at places, and where they end.

        They stop before the first one that the kernel would not take.
        """
        kernel = self._kernel
        at = np.array(places, np.int64)
        if not len(at):
            return at.reshape(0, 4), end
        words = sliding_window_view(self._bytes, 16)[at].view(">u4" if kernel.big else "<u4").astype(np.int64)
        seconds, part, length, original = words[:, 0], words[:, 1], words[:, 2], words[:, 3]
        fraction, unit = (1_000_000_000, 1) if kernel.nano else (1_000_000, 1000)
        good = (length <= kernel.limit) & (length <= len(self._bytes) - at - 16) & (part < fraction)
        good &= (length > 0) | (original > 0) | (seconds > 0)
        time = seconds * 1_000_000_000 + part * unit
        before = np.concatenate([[kernel.now if kernel.frame else time[0]], time[:-1]])
        odd = (np.abs(time - before) > DAY_NS) | (length > original) | (original > LARGEST)
        odd[0] &= kernel.frame > 0
        good &= ~odd | (at == kernel.trusted)
        if not good.all():
            count = int(np.argmin(good))
            end = places[count]
            at, length, original, time = at[:count], length[:count], original[:count], time[:count]
        return np.stack([at + 16, length, original, time], axis=1), end

    def pcapng(self, at: int, stop: int) -> int:
        """What `Kernel.pcapng` does."""
        kernel, data = self._kernel, self._data
        size, limit, interfaces = len(data), kernel.limit, kernel.interfaces
        order = ">" if kernel.big else "<"
        unpack, tail = struct.Struct(order + "IIIIIII").unpack_from, struct.Struct(order + "I").unpack_from
        links, plain = list(kernel.links[:interfaces]), list(kernel.units[:interfaces])
        scales, shifts = list(kernel.scales[:interfaces]), list(kernel.shifts[:interfaces])
        while at < stop:
            start, link = at, -1
            rows: list[tuple[int, int, int, int]] = []
            while at < stop and size - at >= MARGIN and len(rows) < CHUNK:
                kind, whole, number, high, low, length, original = unpack(data, at)
                if kind != 6 or whole < 32 or whole & 3 or whole > limit or whole > size - at or number >= interfaces:
                    break
                if length > whole - 32 or tail(data, at + whole - 4)[0] != whole or plain[number] or shifts[number]:
                    break
                time = (high << 32 | low) * scales[number]
                if time > 9_000_000_000_000_000_000 or (rows and links[number] != link):
                    break
                link = links[number]
                rows.append((at + 28, length, original, time))
                at += whole
            if not rows or not self._chunk(np.array(rows, np.int64), link):
                at = int(kernel.pcapng(start, at if rows else min(stop, start + 1)))
                if kernel.stopped:
                    return at
        kernel.stopped = 0
        return at

    # ---- packets

    def _chunk(self, rows: Numbers, link: int) -> bool:
        """Take packets (place, captured length, original length, time); false, with nothing done, if the kernel must."""
        kernel = self._kernel
        at, length, original, time = rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3]
        plain = _Plain(self._bytes, at, length, link)
        if plain.doubtful or kernel.flows + len(rows) >= MAX_FLOWS:
            return False
        index = np.flatnonzero(plain.rtp)
        plain = plain.only(index)
        copies = self._copies(plain, time[index])
        streams = _groups(plain)
        if copies is None or streams is None:
            return False
        self._seen(plain, time[index])
        base = kernel.frame
        for row in np.flatnonzero(~_mask(len(rows), index)).tolist():
            place, captured, whole, now = rows[row].tolist()
            kernel.frame = base + row
            kernel.now = now
            kernel.record(link, place, captured, whole)
        kernel.truncated += int(np.count_nonzero(length[index] < original[index]))
        kernel.duplicates += int(np.count_nonzero(copies))
        self._append(plain, ~copies, time[index], index + base + 1, streams)
        kernel.frame = base + len(rows)
        kernel.now = int(time[-1])
        kernel.first = min(kernel.first, int(time.min()))
        kernel.last = max(kernel.last, int(time.max()))
        return True

    def _history(self) -> tuple[Words, Numbers, Numbers, Numbers]:
        """Key, time, place and size of the last packets of the kernel's table of seen RTP, oldest first."""
        seen = self._kernel.seen_rtp
        count = min(seen.count, RING)
        slots = np.arange(seen.count - count + 1, seen.count + 1) & (RING - 1)
        ring = np.asarray(seen.ring).reshape(RING, 8)[slots]
        rest = ring.astype(np.int64)
        return ring[:, 0].astype(np.uint64), rest[:, 1], rest[:, 2], rest[:, 3]

    def _copies(self, plain: _Plain, time: Numbers) -> NDArray[np.bool_] | None:
        """Which packets are copies (CAP-06); null when the kernel's bounds on its table would play a part."""
        keys, times, places, sizes = self._history()
        old = len(keys)
        keys = np.concatenate([keys, plain.keys()])
        times, places = np.concatenate([times, time]), np.concatenate([places, plain.payload])
        sizes = np.concatenate([sizes, plain.have])
        buckets = (keys & np.uint64(BUCKETS - 1)).astype(np.uint16)
        order = np.argsort(buckets, kind="stable")
        if len(order) > CHAIN:
            near = order[CHAIN:] - order[:-CHAIN] <= RING
            if np.any(near & (buckets[order[CHAIN:]] == buckets[order[:-CHAIN]])):
                return None
        order = np.argsort(keys, kind="stable")
        before, after = order[:-1], order[1:]
        same = (keys[before] == keys[after]) & (after - before <= RING) & (sizes[before] == sizes[after])
        same &= np.abs(times[after] - times[before]) <= NEAR_NS
        copies = np.zeros(len(time), np.bool_)
        data, earlier = self._data, self._kernel.earlier
        for first, second in zip(before[same].tolist(), after[same].tolist(), strict=True):
            if second >= old:
                a, b, size = int(places[first]), int(places[second]), int(sizes[second])
                one = data[a : a + size] if a < EARLIER else earlier[a - EARLIER : a - EARLIER + size]
                copies[second - old] = one == data[b : b + size]
        # the kernel looks further back where the last packet with this key is another one
        other = np.concatenate([np.zeros(old, np.bool_), ~copies])
        for back in range(2, CHAIN + 1):
            before, after = order[:-back], order[back:]
            alike = (keys[before] == keys[after]) & (after - before <= RING)
            if not alike.any():
                break
            alike &= (sizes[before] == sizes[after]) & (np.abs(times[after] - times[before]) <= NEAR_NS)
            if np.any(alike & other[after]):
                return None
        return copies

    def _seen(self, plain: _Plain, time: Numbers) -> None:
        """Put the packets into the kernel's table of seen RTP."""
        seen = self._kernel.seen_rtp
        keys, times, places, sizes = self._history()
        keys = np.concatenate([keys, plain.keys()])[-RING:]
        times, places = np.concatenate([times, time])[-RING:], np.concatenate([places, plain.payload])[-RING:]
        sizes = np.concatenate([sizes, plain.have])[-RING:]
        seen.count += len(time)
        numbers = np.arange(seen.count - len(keys) + 1, seen.count + 1)
        buckets = (keys & np.uint64(BUCKETS - 1)).astype(np.int64)
        order = np.argsort(buckets, kind="stable")
        links = np.zeros(len(keys), np.int64)
        together = buckets[order[1:]] == buckets[order[:-1]]
        links[order[1:][together]] = numbers[order[:-1][together]]
        ring, slots = np.asarray(seen.ring).reshape(RING, 8), numbers & (RING - 1)
        ring[slots, 0] = keys
        ring[slots, 1], ring[slots, 2], ring[slots, 3], ring[slots, 4] = times, places, sizes, links
        np.asarray(seen.heads)[buckets] = numbers

    def _append(
        self, plain: _Plain, keep: NDArray[np.bool_], time: Numbers, frame: Numbers, streams: tuple[Numbers, Numbers]
    ) -> None:  # fmt: skip
        """Append rows to the kernel's block."""
        kernel = self._kernel
        first, inverse = streams
        names = np.zeros(len(first), np.int64)
        counts = np.bincount(inverse[keep], minlength=len(first))
        for group in np.argsort(first, kind="stable").tolist():
            if counts[group]:
                row = int(first[group])
                flow = kernel.intern(
                    0, int(plain.src[row]), 0, int(plain.dst[row]), int(plain.ports[row]), RTP_KEY | int(plain.ssrc[row])
                )  # fmt: skip
                names[group] = flow
                if flow >= 0:
                    kernel.count[flow] += int(counts[group])
        number = names[inverse]
        # each packet of a flow that is not followed counts, the first one of a group has been counted
        lost = keep & (number < 0)
        kernel.overflow += max(0, int(np.count_nonzero(lost)) - len(set(inverse[lost].tolist())))
        chosen = np.flatnonzero(keep & (number >= 0))
        head, size = plain.content(self._bytes)
        values = {
            "r_time": time, "r_stream": number, "r_stamp": plain.stamp, "r_head": head, "r_frame": frame,
            "r_seq": plain.seq, "r_size": size, "r_mark": plain.mark, "r_tos": plain.tos,
        }  # fmt: skip
        done = 0
        while done < len(chosen):
            filled = kernel.filled
            part = chosen[done : done + len(kernel.r_time) - filled]
            for name, column in values.items():
                np.asarray(getattr(kernel, name))[filled : filled + len(part)] = column[part]
            kernel.filled = filled + len(part)
            done += len(part)
            if kernel.filled == len(kernel.r_time):
                kernel.flush()


class _Plain:
    """Columns of the packets of a chunk as if all were plain; ``rtp`` says which of them are."""

    def __init__(self, data: Bytes, at: Numbers, length: Numbers, link: int) -> None:
        header = sliding_window_view(data, HEADER)[at]
        network, kind = _network(header, link)
        short = length < network
        packet = sliding_window_view(data, PACKET)[at + network]
        words = packet.view(">u4").astype(np.int64)
        end = at + length
        ip = at + network
        total = words[:, 0] & 0xFFFF
        version = packet[:, 0] >> 4
        self.end, self.ip = end, ip
        self.ident = words[:, 1] >> 16
        self.src, self.dst, self.ports = words[:, 3], words[:, 4], words[:, 5]
        self.tos = packet[:, 1]
        protocol = packet[:, 9]
        udp = words[:, 6] >> 16
        stop = np.where(total > 0, ip + total, end)
        stop = np.where((udp > 0) & (ip + 20 + udp < stop), ip + 20 + udp, stop)
        limit = np.minimum(end, stop)
        self.payload = ip + 28
        self.have, self.size = limit - self.payload, stop - self.payload
        self.first, self.mark = packet[:, 28], packet[:, 29]
        self.seq, self.stamp, self.ssrc = words[:, 7] & 0xFFFF, words[:, 8], words[:, 9]
        four = ~short & (kind == 0x0800) & (end - ip >= 20) & (version == 4)
        whole = four & (words[:, 1] & 0x3FFF == 0) & (protocol == 17)
        kinds = self.mark & 0x7F
        self.rtp = (
            whole & (packet[:, 0] == 0x45) & ((total == 0) | (total >= 20)) & ((udp == 0) | (udp >= 8))
            & (self.have >= 12) & (self.first & 0xC0 == 0x80) & ((kinds < 64) | (kinds > 95))
            & (self.ports >> 16 != 53) & (self.ports & 0xFFFF != 53)
        )  # fmt: skip
        tunnel = (protocol == 4) | (protocol == 41) | (protocol == 47)
        six = kind == 0x86DD
        after = np.where(packet[:, 6] == 0, packet[:, 40], packet[:, 6])
        maybe = (packet[:, 6] == 17) & ((data[ip + 48] & 0xC0 == 0x80) | np.isin(words[:, 10] & 0xFFFF, MIRRORS))
        self.doubtful = bool(
            np.any(kind == 0x8864)
            or np.any(four & (tunnel | (words[:, 1] & 0x3FFF != 0)))
            or np.any(whole & ((packet[:, 0] != 0x45) | np.isin(self.ports & 0xFFFF, MIRRORS)))
            or np.any(six & (maybe | ((packet[:, 6] != 17) & (after != 6) & (after != 58))))
        )
        self._header(data)

    def _header(self, data: Bytes) -> None:
        """Length of the RTP header with its sources and extension (RFC 3550 5.1, 5.3.1); what does not fit is no RTP."""
        header = 12 + (self.first & 15).astype(np.int64) * 4
        extended = np.flatnonzero(self.rtp & (self.first & 0x10 != 0))
        if len(extended):
            self.rtp[extended[self.size[extended] < header[extended] + 4]] = False
            seen = extended[self.have[extended] >= header[extended] + 4]
            place = self.payload[seen] + header[seen] + 2
            header[extended] += np.where(self.have[extended] >= header[extended] + 4, 4, 0)
            header[seen] += (data[place].astype(np.int64) << 8 | data[place + 1]) * 4
        self.header = header
        self.rtp &= header <= self.size

    def only(self, index: Numbers) -> _Plain:
        """The same columns, of some packets."""
        other = object.__new__(_Plain)
        for name, value in vars(self).items():
            setattr(other, name, value[index] if isinstance(value, np.ndarray) else value)
        return other

    def keys(self) -> Words:
        """`kernel.rtp_key` of each packet."""
        src, dst, ports = self.src.astype(np.uint64), self.dst.astype(np.uint64), self.ports.astype(np.uint64)
        ident, seq = self.ident.astype(np.uint64), self.seq.astype(np.uint64)
        stamp, ssrc = self.stamp.astype(np.uint64), self.ssrc.astype(np.uint64)
        two, one = np.uint64(32), np.uint64(16)
        key: Words = (
            (src << two | dst) * MIX1 ^ (ports << two | ident << one | seq) * MIX2 ^ (stamp << two | ssrc) * MIX3
        )
        key ^= key >> np.uint64(29)
        key *= MIX1
        key ^= key >> two
        return key

    def content(self, data: Bytes) -> tuple[Numbers, Numbers]:
        """The first four payload bytes (0 where they are not there) and the payload size without padding."""
        place = self.payload + self.header
        there = self.have >= self.header + 4
        start = np.where(there, place, 0)
        head = sliding_window_view(data, 4)[start].view(">u4")[:, 0].astype(np.int64)
        size = self.size - self.header
        padded = np.flatnonzero((self.first & 0x20 != 0) & (self.have == self.size))
        if len(padded):
            padding = data[self.payload[padded] + self.size[padded] - 1].astype(np.int64)
            size[padded] -= np.where(padding <= size[padded], padding, 0)
        return np.where(there, head, 0), size


def _network(header: Bytes, link: int) -> tuple[Numbers, Numbers]:
    """Where the network layer starts behind each record's start, and its EtherType (0: not decoded here)."""
    rows = len(header)
    kinds = header.astype(np.int64)
    if link == 1:
        network = np.full(rows, 14)
        kind = kinds[:, 12] << 8 | kinds[:, 13]
        for tag in (14, 18):
            tagged = (kind == 0x8100) | (kind == 0x88A8) | (kind == 0x9100)
            kind = np.where(tagged, kinds[:, tag + 2] << 8 | kinds[:, tag + 3], kind)
            network = np.where(tagged, network + 4, network)
        # three tags and more: as doubtful as PPPoE
        return network, np.where((kind == 0x8100) | (kind == 0x88A8) | (kind == 0x9100), 0x8864, kind)
    if link == 113:
        return np.full(rows, 16), kinds[:, 14] << 8 | kinds[:, 15]
    if link == 276:
        return np.full(rows, 20), kinds[:, 0] << 8 | kinds[:, 1]
    if link in (12, 14, 101, 228, 229):
        return np.zeros(rows, np.int64), np.where(kinds[:, 0] >> 4 == 6, 0x86DD, 0x0800)
    return np.zeros(rows, np.int64), np.full(rows, 0x8864)


def _groups(plain: _Plain) -> tuple[Numbers, Numbers] | None:
    """The first packet of each stream and each packet's stream; null when two streams share a hash."""
    key = (plain.src.astype(np.uint64) * MIX1) ^ (plain.dst.astype(np.uint64) * MIX2)
    key ^= (plain.ports.astype(np.uint64) << np.uint64(32) | plain.ssrc.astype(np.uint64)) * MIX3
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    inverse = inverse.reshape(-1)
    for column in (plain.src, plain.dst, plain.ports, plain.ssrc):
        if not np.array_equal(column, column[first][inverse]):
            return None
    return first, inverse


def _mask(count: int, index: Numbers) -> NDArray[np.bool_]:
    mask = np.zeros(count, np.bool_)
    mask[index] = True
    return mask
