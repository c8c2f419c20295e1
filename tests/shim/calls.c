/* Counts the system calls that a program makes on files of one folder, and at one of them fails, dies, or loses what was not
 * synced.
 *
 *   CALLS_FOLDER  only files in this folder count
 *   CALLS_COUNT   a file, elsewhere, that gets a line for each call
 *   CALLS_AT      the number of the call, from 1, at which it happens
 *   CALLS_DO      an errno: the call fails; "kill": half of a write is made, then the process is killed;
 *                 "lose": so, and every file is cut to what was last synced
 *
 * A file is known by its descriptor. What was synced is kept for each; a file that was there before counts as synced.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILES 1024
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static struct { int known; char path[PATH_MAX]; dev_t dev; ino_t ino; off_t synced; } files[FILES];
static int used;
static int slot_of[FILES];
static long calls;
static int busy;

static int below(const char *path) {
    const char *folder = getenv("CALLS_FOLDER");
    char whole[PATH_MAX * 2], here[PATH_MAX];
    if (!folder || !path) return 0;
    if (path[0] == '/') snprintf(whole, sizeof whole, "%s", path);
    else if (getcwd(here, sizeof here)) {
        if (strcmp(path, ".") == 0) snprintf(whole, sizeof whole, "%s", here);
        else snprintf(whole, sizeof whole, "%s/%s", here, path);
    }
    else return 0;
    size_t length = strlen(folder);
    return strncmp(whole, folder, length) == 0 && (whole[length] == '/' || whole[length] == 0);
}

static int mine(int fd) { return fd >= 0 && fd < FILES && slot_of[fd] > 0; }

static void lose(void) {
    for (int at = 0; at < used; at++) {
        struct stat now;
        int fd = REAL(open)(files[at].path, O_WRONLY | O_CLOEXEC);
        if (fd < 0) continue;
        /* A name may lead to another file by now. */
        if (fstat(fd, &now) == 0 && now.st_dev == files[at].dev && now.st_ino == files[at].ino
            && now.st_size > files[at].synced)
            if (REAL(ftruncate)(fd, files[at].synced)) abort();
        REAL(close)(fd);
    }
}

static void die(void) {
    if (strcmp(getenv("CALLS_DO"), "lose") == 0) lose();
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* 0: go on; 1: fail, with errno set; 2: die. */
static int fate(const char *name) {
    if (busy) return 0;
    busy = 1;
    calls++;
    const char *count = getenv("CALLS_COUNT"), *at = getenv("CALLS_AT"), *what = getenv("CALLS_DO");
    if (count) {
        int fd = REAL(open)(count, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
        if (fd >= 0) {
            if (REAL(write)(fd, name, strlen(name)) < 0 || REAL(write)(fd, "\n", 1) < 0) abort();
            REAL(close)(fd);
        }
    }
    busy = 0;
    if (!at || !what || calls != atol(at)) return 0;
    if (strcmp(what, "kill") == 0 || strcmp(what, "lose") == 0) return 2;
    errno = atoi(what);
    return 1;
}

static int opened(int fd, const char *path) {
    struct stat now;
    if (fd < 0 || fd >= FILES || used >= FILES || fstat(fd, &now)) return fd;
    int slot = -1;
    for (int at = 0; at < used; at++)
        if (files[at].dev == now.st_dev && files[at].ino == now.st_ino) slot = at;
    if (slot < 0) {
        slot = used++;
        files[slot].dev = now.st_dev;
        files[slot].ino = now.st_ino;
        files[slot].synced = now.st_size;
    }
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, files[slot].path, PATH_MAX - 1);
    files[slot].path[length > 0 ? length : 0] = 0;
    (void)path;
    slot_of[fd] = slot + 1;
    return fd;
}

#define FATE(name, failed) \
    do { int met = fate(name); if (met == 1) return failed; if (met == 2) die(); } while (0)

#define MODE mode_t mode = 0; if (flags & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); \
    mode = (mode_t)va_arg(rest, int); va_end(rest); }

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        MODE \
        int ours = below(path) && (flags & O_ACCMODE) != O_RDONLY; \
        if (ours) FATE(#name, -1); \
        int fd = REAL(name)(path, flags, mode); \
        if (fd >= 0 && fd < FILES) slot_of[fd] = 0; \
        return below(path) ? opened(fd, path) : fd; \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        MODE \
        int ours = below(path) && (flags & O_ACCMODE) != O_RDONLY; \
        if (ours) FATE(#name, -1); \
        int fd = REAL(name)(folder, path, flags, mode); \
        if (fd >= 0 && fd < FILES) slot_of[fd] = 0; \
        return below(path) ? opened(fd, path) : fd; \
    }
OPENAT(openat)
OPENAT(openat64)

int close(int fd) {
    if (mine(fd)) slot_of[fd] = 0;
    return REAL(close)(fd);
}

ssize_t write(int fd, const void *bytes, size_t length) {
    if (mine(fd)) {
        int met = fate("write");
        if (met == 1) return -1;
        if (met == 2) { if (REAL(write)(fd, bytes, length / 2) < 0) abort(); die(); }
    }
    return REAL(write)(fd, bytes, length);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (mine(fd)) FATE("writev", -1);
    return REAL(writev)(fd, parts, count);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
    if (mine(fd)) FATE("pwrite64", -1);
    return REAL(pwrite64)(fd, bytes, length, at);
}

ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *to_at, size_t length, unsigned flags) {
    if (mine(to)) FATE("copy_file_range", -1);
    return REAL(copy_file_range)(from, at, to, to_at, length, flags);
}

#define CUT(name, type) \
    int name(int fd, type length) { \
        if (mine(fd)) FATE(#name, -1); \
        int cut = REAL(name)(fd, length); \
        if (cut == 0 && mine(fd) && files[slot_of[fd] - 1].synced > length) files[slot_of[fd] - 1].synced = length; \
        return cut; \
    }
CUT(ftruncate, off_t)
CUT(ftruncate64, off64_t)

#define SYNC(name) \
    int name(int fd) { \
        struct stat now; \
        int folder = mine(fd) && fstat(fd, &now) == 0 && S_ISDIR(now.st_mode); \
        if (mine(fd)) FATE(folder ? #name " of a folder" : #name, -1); \
        int synced = REAL(name)(fd); \
        if (synced == 0 && mine(fd) && fstat(fd, &now) == 0) files[slot_of[fd] - 1].synced = now.st_size; \
        return synced; \
    }
SYNC(fsync)
SYNC(fdatasync)

static void renamed(const char *to) {
    struct stat now;
    if (stat(to, &now)) return;
    for (int at = 0; at < used; at++)
        if (files[at].dev == now.st_dev && files[at].ino == now.st_ino)
            if (!realpath(to, files[at].path)) abort();
}

int rename(const char *from, const char *to) {
    if (below(to)) FATE("rename", -1);
    int done = REAL(rename)(from, to);
    if (done == 0 && below(to)) renamed(to);
    return done;
}

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    if (below(to)) FATE("renameat", -1);
    int done = REAL(renameat)(from_folder, from, to_folder, to);
    if (done == 0 && below(to)) renamed(to);
    return done;
}

int unlink(const char *path) {
    if (below(path)) FATE("unlink", -1);
    return REAL(unlink)(path);
}

int unlinkat(int folder, const char *path, int flags) {
    if (below(path)) FATE("unlinkat", -1);
    return REAL(unlinkat)(folder, path, flags);
}

int fchmod(int fd, mode_t mode) {
    if (mine(fd)) FATE("fchmod", -1);
    return REAL(fchmod)(fd, mode);
}
