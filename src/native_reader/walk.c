/* Lists the logs below a folder. The oracle is `_walk` in logs/discovery.py, which also runs on Windows. */
#ifndef _WIN32
#define _FILE_OFFSET_BITS 64
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "reader.h"

typedef struct {
    uint8_t *bytes;
    size_t used, capacity;
} Bytes;

/* What was found. All paths are relative to the folder, and end in a zero. A failure is an error number and
 * a space before its path. */
typedef struct {
    Bytes files, states, links, failures; /* a state is a size, an mtime and an inode: see `state_of` */
    Bytes folders;                        /* those to be listed, the last one first */
} Walk;

static int add(Bytes *to, const void *bytes, size_t size) {
    if (grow((void **)&to->bytes, &to->capacity, to->used + size, 1)) return ENOMEM;
    if (size) memcpy(to->bytes + to->used, bytes, size);
    to->used += size;
    return 0;
}

static int add_path(Bytes *to, const char *below, const char *name, const char *end) {
    return add(to, below, strlen(below)) || add(to, name, strlen(name)) || add(to, end, strlen(end) + 1);
}

static int add_failure(Walk *walk, int error, const char *below) {
    char number[16];
    int size = snprintf(number, sizeof number, "%d ", error);
    return add(&walk->failures, number, (size_t)size) || add_path(&walk->failures, below, "", "");
}

static int add_state(Walk *walk, const struct stat *status) {
#ifdef __APPLE__
    struct timespec changed = status->st_mtimespec;
#else
    struct timespec changed = status->st_mtim;
#endif
    int64_t mtime_ns, seconds = (int64_t)changed.tv_sec, rest = (int64_t)changed.tv_nsec;
    int is_early = seconds < 0;
    if (is_early) seconds++, rest -= 1000000000; /* so that nothing in between is out of range */
    if (__builtin_mul_overflow(seconds, (int64_t)1000000000, &mtime_ns) ||
        __builtin_add_overflow(mtime_ns, rest, &mtime_ns))
        mtime_ns = is_early ? INT64_MIN : INT64_MAX;
    uint64_t inode = (uint64_t)status->st_ino;
    int64_t state[] = {
        (int64_t)status->st_size,
        mtime_ns,
        (int64_t)(inode <= INT64_MAX ? inode : inode % INT64_MAX),
    };
    return add(&walk->states, state, sizeof state);
}

enum { OTHER_KIND, FILE_KIND, FOLDER_KIND, LINK_KIND };

/* Returns the kind of an entry, or a negative error number. If that is known from its folder, `status` is not
 * filled. */
static int kind_of(int folder, const struct dirent *entry, struct stat *status, int *is_filled) {
    switch (entry->d_type) {
    case DT_REG: return FILE_KIND;
    case DT_DIR: return FOLDER_KIND;
    case DT_LNK: return LINK_KIND;
    case DT_UNKNOWN: break;
    default: return OTHER_KIND;
    }
    if (fstatat(folder, entry->d_name, status, AT_SYMLINK_NOFOLLOW)) return errno == ENOENT ? OTHER_KIND : -errno;
    *is_filled = 1;
    return S_ISREG(status->st_mode)   ? FILE_KIND
           : S_ISDIR(status->st_mode) ? FOLDER_KIND
           : S_ISLNK(status->st_mode) ? LINK_KIND
                                      : OTHER_KIND;
}

/* The names of logs: a start and an end with one letter or more between them, or one name. */
typedef struct {
    const char *start, *end; /* no end if there is but one name */
    size_t start_size, end_size;
    int is_deep; /* whether they may be in subfolders */
} LogNames;

/* Takes names apart; see `LogSource` in logs/sources.py. */
static LogNames names_of(const char *text) {
    LogNames names = {text, NULL, 0, 0, strncmp(text, "**/", 3) == 0};
    if (names.is_deep) names.start += 3;
    const char *star = strchr(names.start, '*');
    names.start_size = star ? (size_t)(star - names.start) : strlen(names.start);
    if (star) {
        names.end = star + 1;
        names.end_size = strlen(names.end);
    }
    return names;
}

static int is_log(const LogNames *names, const char *name) {
    size_t size = strlen(name), fixed = names->start_size + names->end_size;
    if (names->end ? size <= fixed : size != fixed) return 0;
    return memcmp(name, names->start, names->start_size) == 0 &&
           (!names->end || memcmp(name + size - names->end_size, names->end, names->end_size) == 0);
}

/* Adds an entry of a folder. Returns 0, ENOMEM, or the negative error number with which the folder failed. */
static int add_entry(Walk *walk, int folder, const char *below, const struct dirent *entry, const LogNames *names) {
    const char *name = entry->d_name;
    struct stat status;
    int is_filled = 0;
    int kind = kind_of(folder, entry, &status, &is_filled);
    if (kind < 0) return kind;
    switch (kind) {
    case FILE_KIND:
        if (!is_log(names, name)) return 0;
        if (!is_filled && fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW)) return errno == ENOENT ? 0 : -errno;
        return add_path(&walk->files, below, name, "") || add_state(walk, &status) ? ENOMEM : 0;
    case FOLDER_KIND:
        if (!names->is_deep) return 0;
        return add_path(&walk->folders, below, name, "/") ? ENOMEM : 0;
    case LINK_KIND:
        if (!names->is_deep && !is_log(names, name)) return 0;
        return add_path(&walk->links, below, name, "") ? ENOMEM : 0;
    default:
        return 0;
    }
}

/* Lists one folder. Returns 0, or ENOMEM. */
static int list_folder(Walk *walk, const char *path, const char *below, const LogNames *names) {
    DIR *folder = opendir(path);
    if (!folder && errno == ENOENT && *below) return 0; /* deleted a moment ago */
    if (!folder) return errno == ENOMEM ? ENOMEM : add_failure(walk, errno, below) ? ENOMEM : 0;
    int error = 0;
    const struct dirent *entry;
    while (!error && (errno = 0, entry = readdir(folder))) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
            error = add_entry(walk, dirfd(folder), below, entry, names);
    }
    if (!entry && errno) error = -errno;
    closedir(folder);
    if (error < 0) return add_failure(walk, -error, below) ? ENOMEM : 0;
    return error;
}

/* Takes the last folder that is to be listed. `path` gets its path, behind that of the root. */
static int take_folder(Walk *walk, Bytes *path, size_t root) {
    Bytes *folders = &walk->folders;
    size_t start = folders->used - 1;
    while (start && folders->bytes[start - 1]) start--;
    path->used = root;
    if (add(path, folders->bytes + start, folders->used - start)) return ENOMEM;
    folders->used = start;
    return 0;
}

API void walk_free(Walk *walk) {
    Bytes *all[] = {&walk->files, &walk->states, &walk->links, &walk->failures, &walk->folders};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]->bytes);
    free(walk);
}

/* Returns the logs of some names below a folder, whose path ends in a slash, or NULL if out of memory. */
API Walk *walk_new(const char *root, const char *pattern) {
    LogNames names = names_of(pattern);
    Walk *walk = calloc(1, sizeof *walk);
    Bytes path = {NULL, 0, 0};
    size_t size = strlen(root);
    int error = !walk || add(&path, root, size) || add(&walk->folders, "", 1);
    while (!error && walk->folders.used) {
        error = take_folder(walk, &path, size);
        if (!error) error = list_folder(walk, (char *)path.bytes, (char *)path.bytes + size, &names);
    }
    free(path.bytes);
    if (error && walk) {
        walk_free(walk);
        return NULL;
    }
    return walk;
}
#endif
