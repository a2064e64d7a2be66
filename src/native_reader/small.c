/* Reads many small files in one call, each from its beginning: for a file of a kilobyte a call from
 * Python would take longer than reading it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "reader.h"

#ifdef _WIN32
/* Paths are in UTF-16 there; each file is read by itself. */
static int64_t load(Reader *reader, const char *path, int64_t size) {
    (void)reader, (void)path, (void)size;
    return -1;
}
#else
#include <fcntl.h>
#include <unistd.h>

/* Reads a file into the buffer. Returns how many bytes it has, or -1 if that is not possible. */
static int64_t load(Reader *reader, const char *path, int64_t size) {
    int64_t filled = 0, count = 1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    while (filled < size && count > 0) {
        count = file_read_at(fd, reader->buffer + filled, (size_t)(size - filled), filled);
        if (count > 0) filled += count;
    }
    close(fd);
    return count < 0 ? -1 : filled;
}
#endif

static int names_sessions(const Reader *reader) {
    for (size_t i = reader->first_row; i < (size_t)reader->rows_count; i++)
        if (reader->rows[i].session) return 1;
    return 0;
}

/* Reads a file. Returns 1 if nothing in it is left to Python, 0 if it must be read by itself, or a
 * negative error number. */
static int read_file(Reader *reader, SmallFile *file, const char *path) {
    if (file->size > SMALL_FILE) return 0;
    while ((int64_t)reader->capacity < file->size)
        if (buffer_grow(reader)) return -ENOMEM;
    int64_t filled = load(reader, path, file->size);
    if (filled < 0 || (filled && (filled < 2 || memcmp(reader->buffer, "{\"", 2) != 0))) return 0;
    if (filled && reader->buffer[filled - 1] != '\n') return 0;
    reader->filled = reader->whole = (size_t)filled;
    reader->next = 0;
    reader->repeated.name.size = 0;
    reader->noted_agent = 0;
    int stop = filled ? lines_widest(reader) : STOP_END;
    if (stop) return stop < 0 ? stop : 0;
    size_t seen = filled < FINGERPRINT_BYTES ? (size_t)filled : FINGERPRINT_BYTES;
    file->end = filled;
    file->fingerprint = fingerprint_of(reader->buffer + filled - seen, seen);
    return 1;
}

/* Reads files, as far as each is of the usual kind, so that `reader_pack_small` can pack their answers.
 *
 * `paths` has the path of each file, `sessions` the session in it, each followed by a zero. Returns 0, or a
 * negative error number. */
API int reader_read_small(Reader *reader, SmallFile *files, size_t files_count, const char *paths,
                          const char *sessions) {
    if (buffer_ready(reader)) return -ENOMEM;
    rows_forget(reader);
    rows_small_table(reader);
    names_forget(&reader->sessions);
    if (reader->variants.count > MOST_VARIANTS) names_forget(&reader->variants);
    circumstances_drop(reader);
    reader->position = 0;
    for (SmallFile *file = files; file < files + files_count; file++) {
        reader->own_session = (Text){(const uint8_t *)sessions, strlen(sessions)};
        int64_t notes_before = reader->notes_size;
        int is_read = read_file(reader, file, paths);
        if (is_read < 0) return is_read;
        file->is_read = is_read;
        file->first_row = (int64_t)reader->first_row;
        if (is_read) {
            file->rows_count = reader->rows_count - file->first_row;
            file->names_sessions = names_sessions(reader);
            file->notes_size = reader->notes_size - notes_before;
        } else {
            reader->notes_size = notes_before;
        }
        rows_of_next_file(reader);
        if (!is_read) reader->rows_count = (int64_t)(reader->first_row = (size_t)file->first_row);
        paths += strlen(paths) + 1;
        sessions += reader->own_session.size + 1;
    }
    reader->own_session = (Text){NULL, 0};
    return 0;
}
