cimport cython

# C of guard.py. The access that fails is answered inside the signal handler: what is called there may be called there (mmap and
# sigaction are plain system calls).
cdef extern from *:
    """
    #if defined(__unix__) || defined(__APPLE__)
    #include <signal.h>
    #include <stdint.h>
    #include <sys/mman.h>
    #include <unistd.h>

    #define TCX_PLACES 1024
    static volatile uintptr_t tcx_begin[TCX_PLACES], tcx_end[TCX_PLACES];
    static volatile long tcx_count[TCX_PLACES];
    static struct sigaction tcx_before;
    static uintptr_t tcx_page = 0;

    static void tcx_answer(int number, siginfo_t *info, void *context) {
        uintptr_t at = (uintptr_t) info->si_addr;
        int place;
        (void) number; (void) context;
        for (place = 0; place < TCX_PLACES; place++)
            if (tcx_begin[place] <= at && at < tcx_end[place]
                && mmap((void *) (at & ~(tcx_page - 1)), tcx_page, PROT_READ, MAP_PRIVATE | MAP_ANON | MAP_FIXED, -1, 0)
                   != MAP_FAILED) {
                tcx_count[place]++;
                return;
            }
        sigaction(SIGBUS, &tcx_before, 0);  /* the access fails once more, and who was there before is asked */
    }

    static int tcx_watch(const unsigned char *begin, size_t length) {
        struct sigaction ours;
        int place;
        if (!tcx_page) {
            memset(&ours, 0, sizeof ours);
            ours.sa_sigaction = tcx_answer;
            ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
            sigemptyset(&ours.sa_mask);
            tcx_page = (uintptr_t) sysconf(_SC_PAGESIZE);
            if (sigaction(SIGBUS, &ours, &tcx_before)) return -1;
        }
        for (place = 0; place < TCX_PLACES; place++)
            if (!tcx_end[place]) {
                tcx_count[place] = 0;
                tcx_begin[place] = (uintptr_t) begin;
                tcx_end[place] = (uintptr_t) begin + length;
                return place;
            }
        return -1;
    }
    static long tcx_lost(int place) { return tcx_count[place]; }
    static void tcx_leave(int place) { tcx_begin[place] = 0; tcx_end[place] = 0; }
    #else
    static int tcx_watch(const unsigned char *begin, size_t length) { return -1; }
    static long tcx_lost(int place) { return 0; }
    static void tcx_leave(int place) { }
    #endif
    """
    int tcx_watch(const unsigned char *begin, size_t length)
    long tcx_lost(int place)
    void tcx_leave(int place)




@cython.locals(view="const unsigned char[::1]")
cdef int _place(object octets, size_t length)
