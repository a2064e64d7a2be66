/* Reads many logs in one call, each from its beginning to its end: whenever a call returns to Python, its
 * thread waits until no other one runs Python code. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#ifndef _WIN32
#include <fcntl.h>
#include <unistd.h>
#endif

#include "reader.h"

static int names_sessions(const Reader *reader) {
    for (size_t i = reader->first_row; i < (size_t)reader->rows_count; i++)
        if (reader->rows[i].session) return 1;
    return 0;
}

/* Returns the fingerprint of a log that has just been read to its end. */
static int fingerprint_at_end(const Reader *reader, int64_t end, int64_t *fingerprint) {
    if (reader->fills > 1) {
        uint64_t found = reader_fingerprint(reader->fd, end);
        *fingerprint = (int64_t)found;
        return found != UINT64_MAX;
    }
    size_t seen = end < FINGERPRINT_BYTES ? (size_t)end : FINGERPRINT_BYTES; /* all of it is in the buffer */
    *fingerprint = fingerprint_of(reader->buffer + end - seen, seen);
    return 1;
}

/* Reads an open log. Returns 1 if nothing in it is left to Python, 0 if it must be read by itself, or a
 * negative error number. */
static int read_open(Reader *reader, WholeLog *log, int fd) {
    range_begin(reader, fd, 0, log->size);
    int stop = reader_read(reader);
    if (stop == -ENOMEM) return stop;
    if (stop != STOP_END || reader->size) return 0; /* `text` may be an answer */
    log->end = reader->offset;
    return fingerprint_at_end(reader, log->end, &log->fingerprint);
}

#ifdef _WIN32
/* Paths are in UTF-16 there; each log is read by itself. */
static int read_log(Reader *reader, WholeLog *log, const char *path) {
    (void)reader, (void)log, (void)path, (void)read_open;
    return 0;
}
#else
static int read_log(Reader *reader, WholeLog *log, const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    int is_read = read_open(reader, log, fd);
    close(fd);
    return is_read;
}
#endif

/* Reads logs, as far as each is of the usual kind, so that `reader_pack_whole` can pack their answers.
 *
 * `paths` has the path of each log, `sessions` the session in it, each followed by a zero. Returns 0, or a
 * negative error number. */
API int reader_read_whole(Reader *reader, WholeLog *logs, size_t logs_count, const char *paths,
                          const char *sessions) {
    if (reader_ready(reader)) return -ENOMEM;
    rows_small_table(reader);
    for (WholeLog *log = logs; log < logs + logs_count; log++) {
        reader->own_session = (Text){(const uint8_t *)sessions, strlen(sessions)};
        int64_t notes_before = reader->notes_size;
        int is_read = read_log(reader, log, paths);
        if (is_read < 0) return is_read;
        log->is_read = is_read;
        log->first_row = (int64_t)reader->first_row;
        if (is_read) {
            log->rows_count = reader->rows_count - log->first_row;
            log->names_sessions = names_sessions(reader);
            log->notes_size = reader->notes_size - notes_before;
        } else {
            reader->notes_size = notes_before;
        }
        rows_of_next_log(reader);
        if (!is_read) reader->rows_count = (int64_t)(reader->first_row = (size_t)log->first_row);
        paths += strlen(paths) + 1;
        sessions += reader->own_session.size + 1;
    }
    reader->own_session = (Text){NULL, 0};
    return 0;
}
