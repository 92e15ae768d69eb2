/* Disturbs what a process does with the files under one directory, for tests. Linux; loaded with LD_PRELOAD.

   FAULTS_UNDER     the directory, absolute; without it nothing is counted
   FAULTS_LOG       a file elsewhere that gets a line per counted call: number, call, path; and "fired" with the fault
   FAULTS_AT        the number of the call to disturb, from 1; 0 or absent: only count
   FAULTS_MODE      kill-before, kill-after, kill-half (of a write), short (half is written, and said so),
                    ENOSPC, EIO, EINTR (that call fails), full (that write and all later ones fail with ENOSPC)
   FAULTS_READS     set: count reads as well
   FAULTS_NO_NAMES  while this file is there, no host name can be looked up
   FAULTS_CLOCK     seconds by which the wall clock jumps back and forth at every tenth look at it

   The variables are read at the first call, so that a forked process can have its own. What is written through
   memory maps (SQLite's -shm file) is no call and is not seen. */

#define _GNU_SOURCE
#undef _FORTIFY_SOURCE
#undef _FILE_OFFSET_BITS
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind { CHANGE, WRITE, REMOVE, READ };
enum verdict { GO_ON, FAIL, HALF_THEN_KILL, HALF, THEN_KILL };

static const char *under, *mode;
static long at;
static int reads, log_fd = -1;
static atomic_int ready, full;
static atomic_long count;

static void say(const char *text, int length) { syscall(SYS_write, log_fd, text, length); }

static void set_up(void) {
    if (atomic_exchange(&ready, 1)) return;
    const char *log = getenv("FAULTS_LOG"), *number = getenv("FAULTS_AT");
    under = getenv("FAULTS_UNDER");
    mode = getenv("FAULTS_MODE") ? getenv("FAULTS_MODE") : "";
    at = number ? atol(number) : 0;
    reads = getenv("FAULTS_READS") != NULL;
    if (log) log_fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

static int watched(const char *path) {
    if (!under && getenv("FAULTS_UNDER")) { ready = 0; set_up(); }
    if (!under || !path) return 0;
    size_t length = strlen(under);
    return strncmp(path, under, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static int is(const char *name) { return strcmp(mode, name) == 0; }

static enum verdict decide(const char *call, enum kind kind, const char *path) {
    if (kind == READ && !reads) return GO_ON;
    long number = ++count;
    char line[PATH_MAX + 64];
    say(line, snprintf(line, sizeof line, "%ld %s %s\n", number, call, path));
    if (full && kind <= WRITE) { errno = ENOSPC; return FAIL; }
    if (number != at) return GO_ON;
    if (is("kill-half") && kind != WRITE) return GO_ON;
    if (is("short") && kind != WRITE) return GO_ON;
    if (is("full") && kind > WRITE) return GO_ON;
    say(line, snprintf(line, sizeof line, "fired %s %s %s\n", mode, call, path));
    if (is("kill-before")) { kill(getpid(), SIGKILL); for (;;) pause(); }
    if (is("kill-after")) return THEN_KILL;
    if (is("kill-half")) return HALF_THEN_KILL;
    if (is("short")) return HALF;
    if (is("full")) full = 1;
    errno = is("EIO") ? EIO : is("EINTR") ? EINTR : ENOSPC;
    return FAIL;
}

static void end_if(int killed) {
    if (killed) { kill(getpid(), SIGKILL); for (;;) pause(); }
}

static const char *path_of(int fd, char *path) {
    int before = errno;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    errno = before;
    if (length < 0) return NULL;
    path[length] = 0;
    return path;
}

static enum verdict on_fd(const char *call, enum kind kind, int fd) {
    char path[PATH_MAX];
    if (!under && !getenv("FAULTS_UNDER")) return GO_ON;
    return watched(path_of(fd, path)) ? decide(call, kind, path) : GO_ON;
}

static enum verdict on_path(const char *call, enum kind kind, const char *path) {
    return watched(path) ? decide(call, kind, path) : GO_ON;
}

#define REAL(name) static __typeof__(name) *real; if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define FINISH(call) __typeof__(call) result = (call); end_if(verdict == THEN_KILL); return result
#define HALF_OF(size) (verdict == HALF || verdict == HALF_THEN_KILL ? (size) / 2 : (size))

#define WRITING(name, parameters, fd, size, ...) \
    ssize_t name parameters { \
        REAL(name); \
        enum verdict verdict = on_fd(#name, WRITE, fd); \
        if (verdict == FAIL) return -1; \
        if (verdict == HALF && size < 2) verdict = GO_ON; \
        size = HALF_OF(size); \
        ssize_t result = real(__VA_ARGS__); \
        end_if(verdict == THEN_KILL || verdict == HALF_THEN_KILL); \
        return result; \
    }

WRITING(write, (int fd, const void *data, size_t size), fd, size, fd, data, size)
WRITING(pwrite, (int fd, const void *data, size_t size, off_t place), fd, size, fd, data, size, place)
WRITING(pwrite64, (int fd, const void *data, size_t size, off64_t place), fd, size, fd, data, size, place)
WRITING(writev, (int fd, const struct iovec *parts, int size), fd, size, fd, parts, size)
WRITING(pwritev, (int fd, const struct iovec *parts, int size, off_t place), fd, size, fd, parts, size, place)

#define READING(name, parameters, fd, ...) \
    ssize_t name parameters { \
        REAL(name); \
        enum verdict verdict = on_fd(#name, READ, fd); \
        if (verdict == FAIL) return -1; \
        FINISH(real(__VA_ARGS__)); \
    }

READING(read, (int fd, void *data, size_t size), fd, fd, data, size)
READING(pread, (int fd, void *data, size_t size, off_t place), fd, fd, data, size, place)
READING(pread64, (int fd, void *data, size_t size, off64_t place), fd, fd, data, size, place)

#define SIMPLE(name, kind, find, what, parameters, ...) \
    int name parameters { \
        REAL(name); \
        enum verdict verdict = find(#name, kind, what); \
        if (verdict == FAIL) return -1; \
        FINISH(real(__VA_ARGS__)); \
    }

SIMPLE(fsync, CHANGE, on_fd, fd, (int fd), fd)
SIMPLE(fdatasync, CHANGE, on_fd, fd, (int fd), fd)
SIMPLE(ftruncate, CHANGE, on_fd, fd, (int fd, off_t size), fd, size)
SIMPLE(ftruncate64, CHANGE, on_fd, fd, (int fd, off64_t size), fd, size)
SIMPLE(rename, CHANGE, on_path, to, (const char *from, const char *to), from, to)
SIMPLE(renameat, CHANGE, on_path, to, (int a, const char *from, int b, const char *to), a, from, b, to)
SIMPLE(unlink, REMOVE, on_path, path, (const char *path), path)
SIMPLE(unlinkat, REMOVE, on_path, path, (int folder, const char *path, int flags), folder, path, flags)
SIMPLE(mkdir, CHANGE, on_path, path, (const char *path, mode_t bits), path, bits)

#define OPENING(name, parameters, path, flags, ...) \
    int name parameters { \
        REAL(name); \
        mode_t bits = 0; \
        if (flags & (O_CREAT | O_TMPFILE)) { \
            va_list rest; va_start(rest, flags); bits = va_arg(rest, mode_t); va_end(rest); \
        } \
        enum verdict verdict = flags & O_CREAT ? on_path(#name, CHANGE, path) : GO_ON; \
        if (verdict == FAIL) return -1; \
        FINISH(real(__VA_ARGS__, flags, bits)); \
    }

OPENING(open, (const char *path, int flags, ...), path, flags, path)
OPENING(open64, (const char *path, int flags, ...), path, flags, path)
OPENING(openat, (int folder, const char *path, int flags, ...), path, flags, folder, path)
OPENING(openat64, (int folder, const char *path, int flags, ...), path, flags, folder, path)

int getaddrinfo(const char *name, const char *port, const struct addrinfo *hints, struct addrinfo **found) {
    REAL(getaddrinfo);
    const char *flag = getenv("FAULTS_NO_NAMES");
    return flag && access(flag, F_OK) == 0 ? EAI_AGAIN : real(name, port, hints, found);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    REAL(clock_gettime);
    static atomic_long looks;
    int result = real(clock, now);
    const char *jump = clock == CLOCK_REALTIME ? getenv("FAULTS_CLOCK") : NULL;
    if (jump && (++looks / 10) % 2) now->tv_sec += atol(jump);
    return result;
}
