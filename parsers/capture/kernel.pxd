# C types of kernel.py; the file runs the same without them.
cimport cython

from libc.stdint cimport int64_t as i64, uint64_t as u64

cdef u64 MASK, WORD, MIX1, MIX2, MIX3
cdef i64 BLOCK, RING, BUCKETS, CHAIN, TRIES, EARLIER, NEAR_NS, MAX_FLOWS, PROBES
cdef u64 RTP_KEY, UDP_KEY, TCP_KEY
cdef int LOOK, BORING
cdef i64 QUEUE, ENTRY, SPARE
cdef i64 TUNNEL_PORT, VXLAN_PORT, VXLAN_OLD_PORT, GENEVE_PORT, TZSP_PORT
cdef i64 TCP_ENTRY, UNSUPPORTED_ENTRY, TUNNELLED_ENTRY, SEGMENT_ENTRY, LINK_LAYER, ETHERTYPE_LAYER, IP_LAYER, FRAGMENTS_LAYER, UDP_LAYER
cdef i64 FRAGMENT, ICMP
cdef int SIP, STUN, DNS, DTLS, TUNNEL, KEEPALIVE, RTCP, OTHER, DHCP
cdef i64 DTLS_NOTES, OTHER_NOTES
cdef i64 TIME_LIMIT, DAY_NS, LARGEST
cdef u64 COOKIE, DHCP_COOKIE, LAST_SECOND

@cython.locals(key=u64)
cdef inline u64 key_of(u64 src_hi, u64 src, u64 dst_hi, u64 dst, u64 ports, u64 tail) noexcept nogil

@cython.locals(key=u64)
cdef inline u64 rtp_key(u64 src, u64 dst, u64 ports, u64 ident, u64 seq, u64 stamp, u64 ssrc) noexcept nogil


cdef class Block:
    cdef public i64 rows
    cdef public object time, stream, stamp, head, frame, seq, size, mark, tos


@cython.final
cdef class Seen:
    cdef public i64 count
    cdef i64[::1] heads
    cdef u64[::1] ring

    @cython.locals(oldest=i64, steps=i64, slot=i64, then=i64, gap=i64, extent=u64)
    cdef i64 look(self, i64 number, u64 key, i64 time, i64 size) except? -2 nogil
    @cython.locals(slot=i64, place=i64)
    cdef int age(self) except -1
    @cython.locals(bucket=i64, slot=i64)
    cdef int add(self, u64 key, i64 time, i64 place, i64 size) except -1 nogil


@cython.final
cdef class Kernel:
    cdef const unsigned char[::1] data, earlier
    cdef public object upper, notes, rows
    cdef public i64 heap, frame, truncated, duplicates, fragments, unreachable, malformed, malformed_frame
    cdef public i64 overflow, unsupported, bad_times, first, last, now, stopped, limit, header, trusted, link, interfaces
    cdef public bint big, nano
    cdef public unsigned int[::1] links, units
    cdef public u64[::1] scales
    cdef public i64[::1] shifts
    cdef Seen seen_rtp, seen
    cdef Block block
    cdef i64 filled, queued
    cdef i64[::1] queue
    cdef bint tight
    cdef i64 asking
    cdef u64[::1] asked
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
    cpdef follow(self, object data, i64 at)
    cdef begin(self)

    @cython.locals(word=u64)
    cdef inline u64 be16(self, i64 at) except? 0xFFFFFFFFFFFFFFFF nogil
    @cython.locals(word=u64)
    cdef inline u64 be32(self, i64 at) except? 0xFFFFFFFFFFFFFFFF nogil
    @cython.locals(word=u64)
    cdef inline u64 le32(self, i64 at) except? 0xFFFFFFFFFFFFFFFF nogil

    cdef take(self, Block block)
    cpdef flush(self)
    @cython.locals(room=i64, flow=i64, slot=i64)
    cdef grow(self)
    @cython.locals(at=i64, key=u64)
    cdef i64 place_of(self, i64 flow) except? -2
    @cython.locals(at=i64, tail=u64)
    cpdef tuple flow(self, i64 number)
    cpdef i64 intern(self, u64 src_hi, u64 src, u64 dst_hi, u64 dst, u64 ports, u64 tail) except? -2
    @cython.locals(slot=u64, probes=i64, flow=i64, at=i64)
    cdef i64 number(self, u64 src_hi, u64 src, u64 dst_hi, u64 dst, u64 ports, u64 tail) except? -2 nogil

    @cython.locals(at=i64)
    cdef int push(self, i64 kind, i64 flow, i64 place, i64 size, i64 flags, i64 more) except -1 nogil
    @cython.locals(frame=i64, now=i64, entry=i64, at=i64, kind=i64, flow=i64, place=i64, flags=i64, seq=i64, size=i64,
                   limit=i64)
    cdef settle(self)
    @cython.locals(kind=i64, version=u64, src_hi=u64, src=u64, dst_hi=u64, dst=u64)
    cdef relieve(self)
    cdef int ask(self, i64 kind, u64 version, u64 src_hi, u64 src, u64 dst_hi, u64 dst,
                 u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u64 h) except -1 nogil
    cdef int unread(self, i64 layer, i64 number) except -1 nogil

    cpdef i64 pcap(self, i64 at, i64 stop) except? -2
    cpdef i64 pcapng(self, i64 at, i64 stop) except? -2
    cpdef record(self, i64 link, i64 at, i64 length, i64 original)
    @cython.locals(size=i64, seconds=i64, part=i64, length=i64, original=i64, time=i64)
    cdef i64 run_pcap(self, i64 at, i64 stop) except? -2 nogil
    @cython.locals(size=i64, kind=i64, whole=i64, number=i64, high=u64, low=u64,
                   length=i64, original=i64, again=i64)
    cdef i64 run_pcapng(self, i64 at, i64 stop) except? -2 nogil
    @cython.locals(ticks=u64, unit=i64, scale=u64, seconds=u64, time=i64, shift=i64)
    cpdef i64 stamp(self, i64 number, u64 high, u64 low) except? -2 nogil
    cpdef int clock(self, i64 time) except -1 nogil
    @cython.locals(end=i64, header=i64, family=u64)
    cdef int packet(self, i64 link, i64 at, i64 length, i64 original) except -1 nogil

    cdef int bad(self) except -1 nogil
    cdef int ethernet(self, i64 at, i64 end, i64 depth) except -1 nogil
    @cython.locals(tags=i64)
    cdef int ether(self, i64 kind, i64 at, i64 end, i64 depth) except -1 nogil
    @cython.locals(header=i64, total=i64, ident=u64, fragment=u64, stop=i64,
                   src=u64, dst=u64, more=i64)
    cdef int ipv4(self, i64 at, i64 end, i64 depth) except -1 nogil
    @cython.locals(total=i64, kind=i64, tos=i64, src_hi=u64, src=u64, dst_hi=u64,
                   dst=u64, stop=i64, headers=i64, offset=u64, ident=u64, length=i64)
    cdef int ipv6(self, i64 at, i64 end, i64 depth) except -1 nogil
    @cython.locals(limit=i64, size=i64, key=u64, skip=i64, place=i64, top=i64,
                   word=u64, slot=i64, tries=i64)
    cdef int copied(self, u64 version, u64 src_hi, u64 src, u64 dst_hi, u64 dst, u64 ident, u64 kind,
                    i64 at, i64 end, i64 stop) except -1 nogil
    @cython.locals(place=i64)
    cdef inline bint alike(self, i64 at, i64 found, i64 size, i64 skip) except -1 nogil
    @cython.locals(limit=i64, size=i64)
    cdef int transport(self, u64 version, u64 src_hi, u64 src, u64 dst_hi, u64 dst, u64 ident, i64 kind, i64 tos,
                       i64 at, i64 end, i64 stop, i64 depth) except -1 nogil
    @cython.locals(flags=u64, kind=i64, header=i64)
    cdef int gre(self, i64 at, i64 limit, i64 depth) except -1 nogil
    @cython.locals(header=i64, place=i64, flags=i64, ports=i64, flow=i64)
    cdef int tcp(self, u64 version, u64 src_hi, u64 src, u64 dst_hi, u64 dst, u64 ident,
                 i64 at, i64 limit, i64 stop) except -1 nogil
    @cython.locals(ports=u64, length=i64, place=i64, have=i64, size=i64, sport=i64,
                   dport=i64, mark=i64, kind=i64, flow=i64, start=i64, inner=i64)
    cdef int udp(self, u64 version, u64 src_hi, u64 src, u64 dst_hi, u64 dst, u64 ident, i64 tos,
                 i64 at, i64 limit, i64 stop, i64 depth) except -1 nogil
    cdef i64 mirrored(self, i64 at, i64 limit, i64 port) except -1 nogil
    @cython.locals(first=i64, length=i64, place=i64, port=bint)
    cdef int sort(self, i64 at, i64 have, i64 size, i64 sport, i64 dport) except -1 nogil
    @cython.locals(length=i64, kind=i64, place=i64)
    cdef int stun(self, i64 at, i64 have, i64 size) except -1 nogil
    @cython.locals(stop=i64, lines=i64, eol=i64, last=i64)
    cdef i64 sip_start(self, i64 at, i64 end, int lenient) except? -2 nogil
    @cython.locals(place=i64)
    cdef int start_line(self, i64 at, i64 end, int whole) except -1 nogil
    cdef int version(self, i64 at) except -1 nogil
    @cython.locals(first=i64, seq=u64, stamp=u64, ssrc=u64, header=i64, key=u64,
                   slot=i64, tries=i64, flow=i64, row=i64, payload=i64)
    cdef int rtp(self, u64 version, u64 src_hi, u64 src, u64 dst_hi, u64 dst, u64 ident, i64 tos, u64 ports,
                 i64 at, i64 have, i64 size) except -1 nogil
    @cython.locals(data="const unsigned char[::1]")
    cpdef void reassembled(self, const unsigned char[::1] payload, i64 heap, i64 stop, u64 version, u64 src_hi, u64 src,
                    u64 dst_hi, u64 dst, i64 kind, i64 tos) except *
