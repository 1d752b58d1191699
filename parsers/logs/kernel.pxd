# C types of kernel.py; the file runs the same without them.
cimport cython

from libc.stdint cimport int16_t as i16, int64_t as i64, uint64_t as u64

cdef u64 MASK, ONES, LOWER, HIGH, NEWLINES
cdef i64 PICTURE, LAYOUT, TO_THE_SECOND, DISTINCT
cdef u64 NUMBERS


@cython.final
cdef class Kernel:
    cdef const unsigned char[::1] octets, firsts
    cdef const u64[::1] words, masks
    cdef const i64[::1] pictures, layouts
    cdef i64 picture_size, known, at
    cdef public bint learning
    cdef public i64 lines, records, understood, first, last, timed
    cdef public u64[::1] levels
    cdef public i64[::1] counts, distinct, others

    @cython.locals(room=i64, done=bint, words="const u64[::1]", ones=u64, high=u64, newlines=u64, begin=i64, count=i64, found=i64,
                   index=i64, last=i64, value=u64, marks=u64, mark=u64, end=i64)
    cpdef bint find(self, i64 complete, i64[::1] begins, i64[::1] ends, i64[::1] starts) except -1
    @cython.locals(length=i64, place=i64)
    cdef inline int starts(self, i64 begin, i64 end) except -1 nogil

    @cython.locals(count=i64, begin=i64, kind=i64, field=i64, row=i64, size=i64)
    cpdef i64 read(self, const i64[::1] starts, i64 at, i16[::1] kinds, i64[::1] seen, i64[::1] times,
                   u64[::1] stamps) except -1
    @cython.locals(hours=i64, minutes=i64, seconds=i64, time=i64)
    cdef inline i64 time(self, u64 begin, u64 field, i64 digits) except -1 nogil
    cdef inline i64 digit(self, u64 begin, u64 field) except -1 nogil
    @cython.locals(slot=i64, stop=i64)
    cdef inline int level(self, i64 kind, u64 word) except -1 nogil

    @cython.locals(index=u64, shift=u64, lower=u64, upper=u64, value=u64)
    cdef inline int fits(self, u64 at, u64 begin, u64 end) except -1 nogil
    @cython.locals(value=u64)
    cdef inline u64 part(self, u64 at, i64 size) except? 0xFFFFFFFFFFFFFFFF nogil
    @cython.locals(index=u64, shift=u64)
    cdef inline u64 word_at(self, u64 at) except? 0xFFFFFFFFFFFFFFFF nogil
