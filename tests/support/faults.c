/* Makes the n-th file system call below some folders fail, or kills the program there.
 *
 * Loaded with LD_PRELOAD into the real program by tests/faults.rs. Counted are calls of all threads
 * that touch a path below one of FAULT_ROOTS (separated by ':'), or a descriptor opened there.
 *
 *   FAULT_AT     which call, from 1; 0 only counts
 *   FAULT_KIND   kill | eio | enospc | enodev (from there on every call below FAULT_GONE fails)
 *   FAULT_GONE   the folder that goes away with enodev
 *   FAULT_COUNT  file that gets the number of calls at the end
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { FDS = 4096, BELOW = 1, GONE = 2 };

static char roots[4096], gone_root[PATH_MAX];
static long fault_at;
static int kind; /* 0 none, 1 kill, 2 eio, 3 enospc, 4 enodev */
static atomic_long calls;
static atomic_int is_gone;
static atomic_char marks[FDS];

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void) {
    const char *text = getenv("FAULT_ROOTS");
    if (text) snprintf(roots, sizeof roots, "%s", text);
    text = getenv("FAULT_GONE");
    if (text) snprintf(gone_root, sizeof gone_root, "%s", text);
    text = getenv("FAULT_AT");
    fault_at = text ? atol(text) : 0;
    text = getenv("FAULT_KIND");
    if (text) kind = !strcmp(text, "kill") ? 1 : !strcmp(text, "eio") ? 2 : !strcmp(text, "enospc") ? 3 : !strcmp(text, "enodev") ? 4 : 0;
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("FAULT_COUNT");
    if (!path) return;
    FILE *file = fopen(path, "w");
    if (!file) return;
    fprintf(file, "%ld\n", atomic_load(&calls));
    fclose(file);
}

static int starts(const char *path, const char *root, size_t length) {
    return length > 0 && !strncmp(path, root, length) && (path[length] == '/' || path[length] == 0);
}

static int mark_of(const char *path) {
    if (!path || path[0] != '/') return 0;
    int mark = 0;
    for (const char *root = roots; *root;) {
        const char *colon = strchrnul(root, ':');
        if (starts(path, root, (size_t)(colon - root))) mark |= BELOW;
        root = *colon ? colon + 1 : colon;
    }
    if (starts(path, gone_root, strlen(gone_root))) mark |= GONE;
    return mark;
}

/* The error of this call, or 0. `writes`: whether it could find a disk full. */
static int fault(int mark, int writes) {
    if (!mark) return 0;
    if ((mark & GONE) && atomic_load(&is_gone)) return ENODEV;
    if (!(mark & BELOW)) return 0;
    long n = atomic_fetch_add(&calls, 1) + 1;
    if (!fault_at || n < fault_at) return 0;
    switch (kind) {
    case 1: if (n == fault_at) kill(getpid(), SIGKILL); return 0;
    case 2: return n == fault_at ? EIO : 0;
    /* a full disk stays full for a while */
    case 3: return writes && n < fault_at + 40 ? ENOSPC : 0;
    case 4: atomic_store(&is_gone, 1); return (mark & GONE) ? ENODEV : 0;
    default: return 0;
    }
}

static int mark_fd(int fd) { return fd >= 0 && fd < FDS ? atomic_load(&marks[fd]) : 0; }
static int opened(int fd, int mark) {
    if (fd >= 0 && fd < FDS) atomic_store(&marks[fd], (char)mark);
    return fd;
}

#define FAIL(mark, writes) \
    do { \
        int error = fault(mark, writes); \
        if (error) { errno = error; return -1; } \
    } while (0)

#define OPEN(name, params, args, path, flags) \
    int name params { \
        REAL(name); \
        mode_t mode = 0; \
        if (flags & (O_CREAT | __O_TMPFILE)) { va_list list; va_start(list, flags); mode = va_arg(list, mode_t); va_end(list); } \
        int mark = mark_of(path); \
        FAIL(mark, (flags & O_CREAT) != 0); \
        return opened(real args, mark); \
    }
OPEN(open, (const char *path, int flags, ...), (path, flags, mode), path, flags)
OPEN(open64, (const char *path, int flags, ...), (path, flags, mode), path, flags)
OPEN(openat, (int dir, const char *path, int flags, ...), (dir, path, flags, mode), path, flags)
OPEN(openat64, (int dir, const char *path, int flags, ...), (dir, path, flags, mode), path, flags)

#define ON_FD(type, name, params, args, fd, writes) \
    type name params { REAL(name); FAIL(mark_fd(fd), writes); return real args; }
ON_FD(ssize_t, read, (int fd, void *buffer, size_t n), (fd, buffer, n), fd, 0)
ON_FD(ssize_t, pread, (int fd, void *buffer, size_t n, off_t at), (fd, buffer, n, at), fd, 0)
ON_FD(ssize_t, pread64, (int fd, void *buffer, size_t n, off64_t at), (fd, buffer, n, at), fd, 0)
ON_FD(ssize_t, write, (int fd, const void *buffer, size_t n), (fd, buffer, n), fd, 1)
ON_FD(ssize_t, pwrite, (int fd, const void *buffer, size_t n, off_t at), (fd, buffer, n, at), fd, 1)
ON_FD(ssize_t, pwrite64, (int fd, const void *buffer, size_t n, off64_t at), (fd, buffer, n, at), fd, 1)
ON_FD(int, fallocate, (int fd, int mode, off_t at, off_t n), (fd, mode, at, n), fd, 1)
ON_FD(int, fallocate64, (int fd, int mode, off64_t at, off64_t n), (fd, mode, at, n), fd, 1)
ON_FD(int, fsync, (int fd), (fd), fd, 1)
ON_FD(int, fdatasync, (int fd), (fd), fd, 1)
ON_FD(int, ftruncate, (int fd, off_t length), (fd, length), fd, 1)
ON_FD(int, ftruncate64, (int fd, off64_t length), (fd, length), fd, 1)

int close(int fd) {
    REAL(close);
    opened(fd, 0);
    return real(fd);
}

#define ON_PATH(type, name, params, args, path, writes) \
    type name params { REAL(name); FAIL(mark_of(path), writes); return real args; }
ON_PATH(int, mkdir, (const char *path, mode_t mode), (path, mode), path, 1)
ON_PATH(int, unlink, (const char *path), (path), path, 0)
ON_PATH(int, unlinkat, (int dir, const char *path, int flags), (dir, path, flags), path, 0)
ON_PATH(int, rmdir, (const char *path), (path), path, 0)
ON_PATH(int, rename, (const char *from, const char *to), (from, to), to, 1)
ON_PATH(int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to), to, 1)
ON_PATH(int, renameat2, (int a, const char *from, int b, const char *to, unsigned flags), (a, from, b, to, flags), to, 1)
ON_PATH(int, link, (const char *from, const char *to), (from, to), to, 1)
ON_PATH(int, linkat, (int a, const char *from, int b, const char *to, int flags), (a, from, b, to, flags), to, 1)
ON_PATH(int, statx, (int dir, const char *restrict path, int flags, unsigned mask, struct statx *restrict out), (dir, path, flags, mask, out), path, 0)
