"""Measures RTP streams row by row: loss, order, jitter, gaps (RFC 3550 A.1, A.3, A.8).

Like `parsers.capture.kernel`, this file runs as it is and is compiled where Cython was there; both give the same numbers.
"""

# ruff: noqa: PLR1714, SIM109 - comparisons of C integers, no sets
# ruff: noqa: PLR0912, PLR0915, PLR0917, C901, ANN401 - one level of calls less in each packet; any owner, any block
from __future__ import annotations

from typing import Any

MAX_DROPOUT = 3000
MAX_MISORDER = 100
WINDOW = 128
"""Extended sequence numbers below the highest whose arrival is remembered; what falls out of it is final."""
ONES = 0xFFFFFFFFFFFFFFFF
ONE = 1
WORD = 0xFFFFFFFF
LONG_RUN = 5
"""So many lost packets in a row no concealment bridges (100 ms of 20 ms packets)."""
HALF = 0x7FFFFFFF
SILENCE_FF, SILENCE_7F, SILENCE_D5, SILENCE_55 = 0xFFFFFFFF, 0x7F7F7F7F, 0xD5D5D5D5, 0x55555555

AUDIO, NOISE, EVENT = 0, 1, 2
NO_HOLD = 0x7FFFFFFFFFFFFFFF
RISING = 10
NONE = 0x10000
PAUSE_NS = 200_000_000
"""A shorter gap is no pause, and nobody has to be asked whether it was a hold."""
JUMP_MS = 1000.0
"""A packet this far off its time stamp is no jitter: the sender set its media clock anew."""


class StreamState:
    """One stream while it is measured.

    ``owner`` answers what a payload type is (`payload`), whether the direction was on hold (`held`), and takes telephone
    events (`event`). ``marks`` are the places that show what the figures say, each (frame, time, sequence number, another
    number): the packets after the ``first``, the ``next`` and the ``longest`` run of lost ones, the first ``duplicate``, the
    first in ``disorder``, the first ``silent`` one, and by number the first packet of each payload type but the stream's first.
    """

    def __init__(self, owner: Any, number: int) -> None:
        self.owner = owner
        self.number = number
        self.packets = 0
        self.first = 0
        self.last = 0
        self.first_frame = 0
        self.last_frame = 0
        self.markers = 0
        self.rising = False
        self.run = 0
        self.rises = 0
        # payload type and DSCP now, and how many packets they have not been counted for yet
        self.type = NONE
        self.type_count = 0
        self.types: dict[int, int] = {}
        self.role = AUDIO
        self.clock = 0
        self.service = NONE
        self.service_count = 0
        self.services: dict[int, int] = {}
        # sequence numbers
        self.seq = 0
        self.stamp = 0
        self.highest = 0
        self.lowest = 0
        self.near = 0
        self.far = 0
        self.different = 0
        self.bad = NONE
        self.bad_time = 0
        self.bad_stamp = 0
        self.bad_clock = 0
        self.bad_audio = False
        self.duplicates = 0
        self.disordered = 0
        self.restarts = 0
        self.expected = 0
        self.unique = 0
        self.missing = 0
        self.bursts = 0
        self.burst = 0
        self.longest = 0
        self.in_runs = 0
        self.marks: dict[Any, tuple[int, int, int, int]] = {}
        # numbers that were left out when they should have come, and are not all final yet: (first, the one that came, frame, time)
        self.holes: list[tuple[int, int, int, int]] = []
        # arrival
        self.arrival = 0
        self.after_noise = False
        self.gap = -1
        self.gap_frame = 0
        self.gap_time = 0
        # jitter, on packets that are neither noise nor event
        self.talks = 0
        self.talk_time = 0
        self.talk_stamp = 0
        self.talk_clock = 0
        self.fresh = True
        self.jitter = 0.0
        self.jitter_sum = 0.0
        self.jitter_max = 0.0
        self.jitter_frame = 0
        self.jitter_time = 0
        self.hold = NO_HOLD
        self.step = -1
        self.step_count = 0
        self.steps: dict[int, int] = {}
        self.media_ticks = 0
        self.media_clock = 0
        self.media_first = 0
        self.media_last = 0
        self.media_breaks = 0
        self.jumps = 0
        self.noise = 0
        self.silent = 0

    # ---- sequence numbers

    def start(self, highest: int) -> int:
        """Begin a run of sequence numbers with its first packet."""
        self.highest = highest
        self.lowest = highest
        self.near = 1
        self.far = 0
        self.different = 1
        self.bad = NONE
        if self.holes:
            self.holes = []
        return 0

    def settle(self, number: int, arrived: bool) -> int:  # noqa: FBT001 - called for each packet, in C
        """A sequence number is final: it arrived, or it is lost."""
        if arrived:
            if self.burst:
                self.bursts += 1
                self.missing += self.burst
                if self.burst >= LONG_RUN:
                    self.in_runs += self.burst
                self.mark_loss(number)
                self.longest = max(self.longest, self.burst)
                self.burst = 0
        else:
            self.burst += 1
        return 0

    def mark_loss(self, number: int) -> int:
        """Keep where a run of lost numbers shows, ``number`` being the one after it: at the packet that came in their stead."""
        while self.holes and self.holes[0][1] < number:
            self.holes.pop(0)
        if self.holes and self.holes[0][0] < number:
            mark = (self.holes[0][2], self.holes[0][3], number & 0xFFFF, self.burst)
            if "first" not in self.marks:
                self.marks["first"] = mark
            elif "next" not in self.marks:
                self.marks["next"] = mark
            if self.burst > self.longest:
                self.marks["longest"] = mark
        return 0

    def forward(self, count: int, time: int, frame: int) -> int:
        """The highest number rises by ``count``; the new highest arrived."""
        if count > 1:
            while self.holes and self.holes[0][1] <= self.highest - WINDOW:
                self.holes.pop(0)
            self.holes.append((self.highest + 1, self.highest + count, frame, time))
        left = count
        while left > 0:
            if left > WINDOW and self.near == 0 and self.far == 0:
                # numbers that come into the window only to leave it again: all lost
                self.burst += left - WINDOW
                self.highest += left - WINDOW
                left = WINDOW
            # a group of numbers that never arrived leaves the window at once
            group = 1
            if self.highest - self.lowest >= WINDOW - 1:
                if self.far == 0:
                    group = 64
                elif self.far >> 32 == 0:
                    group = 32
                elif self.far >> 48 == 0:
                    group = 16
                elif self.far >> 56 == 0:
                    group = 8
            if group > 1 and group <= left:
                left -= group
                self.burst += group
                self.highest += group
                if group == 64:
                    self.far = self.near
                    self.near = 0
                else:
                    self.far = (self.far << group | self.near >> (64 - group)) & ONES
                    self.near = self.near << group & ONES
                continue
            left -= 1
            if self.highest - self.lowest >= WINDOW - 1:
                self.settle(self.highest - (WINDOW - 1), self.far >> 63 == 1)
            self.far = (self.far << 1 | self.near >> 63) & ONES
            self.near = self.near << 1 & ONES
            self.highest += 1
        self.near |= 1
        self.different += 1
        return 0

    def close(self) -> int:
        """End a run: what is in the window is final."""
        span = self.highest - self.lowest
        span = min(span, WINDOW - 1)
        while span >= 0:
            self.settle(self.highest - span, (self.far >> (span - 64) if span > 63 else self.near >> span) & 1 == 1)
            span -= 1
        self.expected += self.highest - self.lowest + 1
        self.unique += self.different
        return 0

    def sequence(self, seq: int, time: int, stamp: int, frame: int) -> int:
        """Take one sequence number: 0 in a run, 1 the second of a new run, 2 a jump that may become one."""
        if self.packets == 1:
            self.start(seq + 0x10000)
            return 0
        delta = (seq - self.highest) & 0xFFFF
        if delta == 0:
            self.repeated(seq, time, frame)
        elif delta < MAX_DROPOUT:
            self.forward(delta, time, frame)
        elif delta <= 0x10000 - MAX_MISORDER:
            if self.bad == seq:
                self.close()
                self.restarts += 1
                self.start(((seq - 1) & 0xFFFF) + 0x10000)
                self.forward(1, time, frame)
                return 1
            self.bad = (seq + 1) & 0xFFFF
            self.bad_time = time
            self.bad_stamp = stamp
            self.bad_clock = self.clock
            self.bad_audio = self.role == AUDIO
            return 2
        else:
            back = 0x10000 - delta
            number = self.highest - back
            bit = ONE << (back & 63)
            if (self.near if back < 64 else self.far) & bit:
                self.repeated(seq, time, frame)
            else:
                if not self.disordered:
                    self.marks["disorder"] = (frame, time, seq, self.highest & 0xFFFF)
                self.disordered += 1
                self.different += 1
                if back < 64:
                    self.near |= bit
                else:
                    self.far |= bit
                self.lowest = min(self.lowest, number)
        self.bad = NONE
        return 0

    def repeated(self, seq: int, time: int, frame: int) -> int:
        """A number that came before."""
        if not self.duplicates:
            self.marks["duplicate"] = (frame, time, seq, 0)
        self.duplicates += 1
        return 0

    # ---- rare changes

    def switch(self, kind: int, time: int, seq: int, frame: int) -> int:
        """Another payload type than in the packet before."""
        if self.type_count:
            self.types[self.type] = self.types.get(self.type, 0) + self.type_count
        if self.packets and kind not in self.types:
            self.marks[kind] = (frame, time, seq, 0)
        self.type = kind
        self.type_count = 0
        self.role, self.clock = self.owner.payload(self.number, kind, time)
        return 0

    def serve(self, service: int) -> int:
        """Another DSCP than in the packet before."""
        if self.service_count:
            self.services[self.service] = self.services.get(self.service, 0) + self.service_count
        self.service = service
        self.service_count = 0
        return 0

    def stride(self, step: int) -> int:
        """Another time stamp step than between the packets before."""
        if self.step_count and (self.step in self.steps or len(self.steps) < 64):
            self.steps[self.step] = self.steps.get(self.step, 0) + self.step_count
        self.step = step
        self.step_count = 0
        return 0

    def finish(self) -> None:
        """The capture ends."""
        self.close()
        self.switch(self.type, self.last, 0, 0)
        self.serve(self.service)
        self.stride(self.step)

    # ---- one packet

    def take(
        self, time: int, seq: int, stamp: int, mark: int, tos: int, head: int, frame: int, size: int
    ) -> int:  # fmt: skip
        """One packet, in arrival order."""
        kind = mark & 0x7F
        marker = mark >> 7
        before = self.type
        if kind != before:
            self.switch(kind, time, seq, frame)
        self.type_count += 1
        service = tos >> 2
        if service != self.service:
            self.serve(service)
        self.service_count += 1
        self.packets += 1
        self.markers += marker
        step = (seq - self.seq) & 0xFFFF
        if self.packets == 1:
            self.first = time
            self.first_frame = frame
            self.run = 1
        elif not self.rising:
            if kind == before and (step == 1 or (step == 0 and stamp == self.stamp)):
                self.run += 1
                self.rises += step
                if self.run >= RISING and self.rises * 2 >= self.run - 1:
                    self.rising = True
            else:
                self.run = 1
                self.rises = 0
        if time >= self.last:
            self.last = time
            self.last_frame = frame
        if (
            self.packets > 1
            and (seq - self.highest) & 0xFFFF == 1
            and self.burst == 0
            and (self.far >> 63 == 1 or self.highest - self.lowest < WINDOW - 1)
        ):
            # the usual case: the next number, and what leaves the window had arrived
            self.far = (self.far << 1 | self.near >> 63) & ONES
            self.near = (self.near << 1 | ONE) & ONES
            self.highest += 1
            self.different += 1
            self.bad = NONE
            news = 0
        else:
            news = self.sequence(seq, time, stamp, frame)
        if news == 1:
            self.renew()
        role = self.role
        if role != NOISE and not self.after_noise and not marker and self.packets > 1:
            gap = time - self.arrival
            if gap > self.gap:
                self.gap = gap
                self.gap_frame = frame
                self.gap_time = time
        self.arrival = time
        self.after_noise = role == NOISE
        if role == AUDIO:
            if kind == before and step == 1:
                stride = (stamp - self.stamp) & WORD
                if stride != self.step:
                    self.stride(stride)
                self.step_count += 1
            if head == SILENCE_FF or head == SILENCE_7F or head == SILENCE_D5 or head == SILENCE_55:
                if not self.silent:
                    self.marks["silent"] = (frame, time, seq, 0)
                self.silent += 1
            if news < 2:
                self.talk(time, stamp, frame)
        elif role == NOISE:
            self.noise += 1
            self.fresh = True
        else:
            self.owner.event(self.number, time, stamp, head, frame, size, self.clock)
        self.seq = seq
        self.stamp = stamp
        return 0

    def renew(self) -> int:
        """A new run began with the packet before this one: that one is the neighbour now, where it was audio."""
        self.media_breaks += 1
        self.fresh = not self.bad_audio
        if self.bad_audio:
            if self.talks:
                self.jitter_sum += self.jitter
            self.talks += 1
            self.talk_time = self.bad_time
            self.talk_stamp = self.bad_stamp
            self.talk_clock = self.bad_clock
        return 0

    def talk(self, time: int, stamp: int, frame: int) -> int:
        """Jitter: one packet of audio that stands in a run."""
        self.talks += 1
        fresh = self.fresh or self.talks == 1 or self.talk_clock != self.clock
        if (
            not fresh
            and time > self.hold
            and time - self.talk_time > PAUSE_NS
            and self.owner.held(self, self.talk_time, time)
        ):
            fresh = True
        ticks = (stamp - self.talk_stamp) & WORD
        if ticks > HALF:
            ticks -= WORD + 1
        if not fresh and self.clock > 0:
            drift = (time - self.talk_time) / 1e6 - ticks * 1000.0 / self.clock
            if drift < 0.0:
                drift = -drift
            self.jitter += (drift - self.jitter) / 16.0
            if drift > JUMP_MS:
                self.jumps += 1
                self.media_breaks += 1
        if self.talks > 1:
            self.jitter_sum += self.jitter
            if self.jitter > self.jitter_max:
                self.jitter_max = self.jitter
                self.jitter_frame = frame
                self.jitter_time = time
        if self.talks == 1:
            self.media_first = time
            self.media_clock = self.clock
        else:
            self.media_ticks += ticks
            if self.media_clock != self.clock:
                self.media_breaks += 1
        self.media_last = time
        self.talk_time = time
        self.talk_stamp = stamp
        self.talk_clock = self.clock
        self.fresh = False
        return 0


def feed(states: list[Any], block: Any, heads: Any, follows: Any) -> None:
    """Give each stream its rows of a block, in order.

    ``states`` by flow number, null for flows that are no streams. ``heads`` has a zero per flow (and again after the call),
    ``follows`` room for a block.
    """
    times, streams, stamps, payloads = block.time, block.stream, block.stamp, block.head
    frames, seqs, sizes, marks, services = block.frame, block.seq, block.size, block.mark, block.tos
    order = []
    row = block.rows - 1
    while row >= 0:
        flow = streams[row]
        if states[flow] is not None:
            if heads[flow] == 0:
                order.append(flow)
            follows[row] = heads[flow]
            heads[flow] = row + 1
        row -= 1
    for flow in order:
        state = states[flow]
        row = heads[flow]
        heads[flow] = 0
        while row > 0:
            row -= 1
            state.take(
                times[row], seqs[row], stamps[row], marks[row], services[row], payloads[row], frames[row], sizes[row]
            )  # fmt: skip
            row = follows[row]
