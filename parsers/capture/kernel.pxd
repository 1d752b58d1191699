# C types of kernel.py; the file runs the same without them.
cimport cython

from libc.stdint cimport int64_t as i64, uint64_t as u64

cdef u64 MASK, WORD, MIX1, MIX2, MIX3
cdef i64 BLOCK, RING, BUCKETS, CHAIN, TRIES, NEAR_NS, MAX_FLOWS, PROBES
cdef u64 RTP_KEY, UDP_KEY, TCP_KEY
cdef int LOOK, BORING
cdef int SIP, STUN, DNS, DTLS, TUNNEL, KEEPALIVE, RTCP, OTHER
cdef i64 DTLS_NOTES, OTHER_NOTES
cdef i64 TIME_LIMIT, DAY_NS, LARGEST
cdef u64 COOKIE, LAST_SECOND

@cython.locals(key=u64)
cdef inline u64 key_of(u64 src_hi, u64 src, u64 dst_hi, u64 dst, u64 ports, u64 tail) noexcept

@cython.locals(key=u64)
cdef inline u64 rtp_key(u64 src, u64 dst, u64 ports, u64 ident, u64 seq, u64 stamp, u64 ssrc) noexcept


cdef class Block:
    cdef public i64 rows
    cdef public object time, stream, stamp, head, frame, seq, size, mark, tos


@cython.final
cdef class Seen:
    cdef public i64 count
    cdef i64[::1] heads
    cdef u64[::1] ring

    @cython.locals(oldest=i64, steps=i64, slot=i64, then=i64, gap=i64, extent=u64)
    cdef i64 look(self, i64 number, u64 key, i64 time, i64 size) except? -2
    @cython.locals(bucket=i64, slot=i64)
    cdef void add(self, u64 key, i64 time, i64 place, i64 size) except *


@cython.final
cdef class Kernel:
    cdef const unsigned char[::1] data
    cdef public object upper, notes, rows
    cdef public i64 heap, frame, truncated, duplicates, fragments, unreachable, malformed, malformed_frame
    cdef public i64 overflow, unsupported, bad_times, first, last, now, stopped, limit, header, trusted, link, interfaces
    cdef public bint big, nano
    cdef public unsigned int[::1] links, units
    cdef public u64[::1] scales
    cdef public i64[::1] shifts
    cdef Seen seen_rtp, seen
    cdef Block block
    cdef i64 filled
    cdef i64[::1] r_time
    cdef unsigned int[::1] r_stream, r_stamp, r_head, r_frame
    cdef unsigned short[::1] r_seq, r_size
    cdef unsigned char[::1] r_mark, r_tos
    cdef public i64 flows
    cdef i64 room
    cdef u64 mask
    cdef u64[::1] keys
    cdef public unsigned int[::1] count
    cdef public unsigned char[::1] state
    cdef unsigned int[::1] slots

    cpdef go_on(self, object data)

    @cython.locals(word=u64)
    cdef inline u64 be16(self, i64 at) except? 0xFFFFFFFFFFFFFFFF
    @cython.locals(word=u64)
    cdef inline u64 be32(self, i64 at) except? 0xFFFFFFFFFFFFFFFF
    @cython.locals(word=u64)
    cdef inline u64 le32(self, i64 at) except? 0xFFFFFFFFFFFFFFFF

    cdef take(self, Block block)
    cpdef flush(self)
    @cython.locals(room=i64, flow=i64, slot=i64)
    cdef grow(self)
    @cython.locals(at=i64, key=u64)
    cdef i64 place_of(self, i64 flow) except? -2
    @cython.locals(at=i64, tail=u64)
    cpdef tuple flow(self, i64 number)
    @cython.locals(slot=u64, probes=i64, flow=i64, at=i64)
    cpdef i64 intern(self, u64 src_hi, u64 src, u64 dst_hi, u64 dst, u64 ports, u64 tail) except? -2

    @cython.locals(size=i64, seconds=i64, part=i64, length=i64, original=i64, time=i64)
    cpdef i64 pcap(self, i64 at, i64 stop) except? -2
    @cython.locals(size=i64, kind=i64, whole=i64, number=i64, high=u64, low=u64,
                   length=i64, original=i64, again=i64)
    cpdef i64 pcapng(self, i64 at, i64 stop) except? -2
    @cython.locals(ticks=u64, unit=i64, scale=u64, seconds=u64, time=i64, shift=i64)
    cpdef i64 stamp(self, i64 number, u64 high, u64 low) except? -2
    cpdef void clock(self, i64 time) except *
    @cython.locals(end=i64, header=i64, family=u64)
    cpdef void record(self, i64 link, i64 at, i64 length, i64 original) except *

    cdef void bad(self) except *
    cdef void ethernet(self, i64 at, i64 end, i64 depth) except *
    @cython.locals(tags=i64)
    cdef void ether(self, i64 kind, i64 at, i64 end, i64 depth) except *
    @cython.locals(header=i64, total=i64, ident=u64, fragment=u64, stop=i64,
                   src=u64, dst=u64, more=i64)
    cdef void ipv4(self, i64 at, i64 end, i64 depth) except *
    @cython.locals(total=i64, kind=i64, tos=i64, src_hi=u64, src=u64, dst_hi=u64,
                   dst=u64, stop=i64, headers=i64, offset=u64, ident=u64, length=i64)
    cdef void ipv6(self, i64 at, i64 end, i64 depth) except *
    @cython.locals(limit=i64, size=i64, key=u64, skip=i64, place=i64, top=i64,
                   word=u64, found=i64, slot=i64, tries=i64)
    cdef int copied(self, u64 version, u64 src_hi, u64 src, u64 dst_hi, u64 dst, u64 ident, u64 kind,
                    i64 at, i64 end, i64 stop) except -1
    @cython.locals(limit=i64, size=i64)
    cdef void transport(self, u64 version, u64 src_hi, u64 src, u64 dst_hi, u64 dst, u64 ident, i64 kind, i64 tos,
                       i64 at, i64 end, i64 stop, i64 depth) except *
    @cython.locals(flags=u64, kind=i64, header=i64)
    cdef void gre(self, i64 at, i64 limit, i64 depth) except *
    @cython.locals(header=i64, place=i64, flags=i64, flow=i64)
    cdef void tcp(self, u64 version, u64 src_hi, u64 src, u64 dst_hi, u64 dst, u64 ident,
                 i64 at, i64 limit, i64 stop) except *
    @cython.locals(ports=u64, length=i64, place=i64, have=i64, size=i64, sport=i64,
                   dport=i64, mark=i64, kind=i64, flow=i64, start=i64)
    cdef void udp(self, u64 version, u64 src_hi, u64 src, u64 dst_hi, u64 dst, u64 ident, i64 tos,
                 i64 at, i64 limit, i64 stop) except *
    @cython.locals(first=i64, length=i64, place=i64, port=bint)
    cdef int sort(self, i64 at, i64 have, i64 size, i64 sport, i64 dport) except -1
    @cython.locals(length=i64, kind=i64, place=i64)
    cdef int stun(self, i64 at, i64 have, i64 size) except -1
    @cython.locals(stop=i64, lines=i64, eol=i64, last=i64)
    cdef i64 sip_start(self, i64 at, i64 end, int lenient) except? -2
    @cython.locals(place=i64)
    cdef int start_line(self, i64 at, i64 end, int whole) except -1
    cdef int version(self, i64 at) except -1
    @cython.locals(first=i64, seq=u64, stamp=u64, ssrc=u64, header=i64, key=u64,
                   found=i64, slot=i64, tries=i64, place=i64, flow=i64, row=i64, payload=i64)
    cdef void rtp(self, u64 version, u64 src_hi, u64 src, u64 dst_hi, u64 dst, u64 ident, i64 tos, u64 ports,
                 i64 at, i64 have, i64 size) except *
    @cython.locals(data="const unsigned char[::1]")
    cpdef void reassembled(self, const unsigned char[::1] payload, i64 heap, i64 stop, u64 version, u64 src_hi, u64 src,
                    u64 dst_hi, u64 dst, i64 kind, i64 tos) except *
