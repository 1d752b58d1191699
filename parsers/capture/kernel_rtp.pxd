# C types of kernel_rtp.py; the file runs the same without them.
cimport cython

from libc.stdint cimport int64_t as i64, uint64_t as u64
ctypedef unsigned int u32
ctypedef unsigned short u16
ctypedef unsigned char u8

cdef i64 MAX_DROPOUT, MAX_MISORDER, WINDOW, NO_HOLD, RISING, NONE, PAUSE_NS, LONG_RUN
cdef u64 ONES, ONE
cdef i64 WORD, HALF, SILENCE_FF, SILENCE_7F, SILENCE_D5, SILENCE_55
cdef i64 AUDIO, NOISE, EVENT
cdef double JUMP_MS


@cython.final
cdef class StreamState:
    cdef public object owner
    cdef public i64 number, packets, first, last, first_frame, last_frame, markers, run, rises, type, type_count, role, clock
    cdef public i64 service, service_count, seq, stamp, highest, lowest, different, bad, bad_time, bad_stamp, bad_clock
    cdef public i64 duplicates, disordered, restarts, expected, unique, missing, bursts, burst, longest, in_runs
    cdef public i64 gap_frame, gap_time, jitter_frame, jitter_time
    cdef public i64 arrival, gap, talks, talk_time, talk_stamp, talk_clock, hold, step, step_count
    cdef public i64 media_ticks, media_clock, media_first, media_last, media_breaks, noise, silent, jumps
    cdef public bint rising, after_noise, fresh, bad_audio
    cdef public dict types, services, steps, marks
    cdef public list holes
    cdef public u64 near, far
    cdef public double jitter, jitter_sum, jitter_max

    cdef int start(self, i64 highest) except -1
    cdef int settle(self, i64 number, bint arrived) except -1
    cdef int mark_loss(self, i64 number) except -1
    @cython.locals(left=i64, group=i64)
    cdef int forward(self, i64 count, i64 time, i64 frame) except -1
    @cython.locals(span=i64)
    cdef int close(self) except -1
    @cython.locals(delta=i64, back=i64, number=i64, bit=u64)
    cdef int sequence(self, i64 seq, i64 time, i64 stamp, i64 frame) except -1
    cdef int repeated(self, i64 seq, i64 time, i64 frame) except -1
    cdef int switch(self, i64 kind, i64 time, i64 seq, i64 frame) except -1
    cdef int serve(self, i64 service) except -1
    cdef int stride(self, i64 step) except -1
    cpdef void finish(self) except *
    @cython.locals(kind=i64, marker=i64, before=i64, step=i64, service=i64, news=i64, role=i64, gap=i64, stride=i64)
    cdef int take(self, i64 time, i64 seq, i64 stamp, i64 mark, i64 tos, i64 head, i64 frame, i64 size) except -1
    cdef int renew(self) except -1
    @cython.locals(fresh=bint, ticks=i64, drift=double)
    cdef int talk(self, i64 time, i64 stamp, i64 frame) except -1


@cython.locals(times=i64[::1], streams=u32[::1], stamps=u32[::1], payloads=u32[::1], frames=u32[::1],
               seqs=u16[::1], sizes=u16[::1], marks=u8[::1], services=u8[::1],
               row=i64, flow=i64, state=StreamState)
cpdef feed(list states, object block, u32[::1] heads, u32[::1] follows)
