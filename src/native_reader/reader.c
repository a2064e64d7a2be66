/* Reads a file in pieces into one buffer. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "reader.h"
#include "table.h"

#define XXH_INLINE_ALL
#include "vendor/xxhash.h"

#ifdef _WIN32
#include <io.h>
#include <windows.h>
int64_t file_read_at(int fd, void *to, size_t size, int64_t offset) {
    OVERLAPPED where = {0};
    DWORD count = 0;
    where.Offset = (DWORD)offset;
    where.OffsetHigh = (DWORD)((uint64_t)offset >> 32);
    if (!ReadFile((HANDLE)_get_osfhandle(fd), to, (DWORD)size, &count, &where) &&
        GetLastError() != ERROR_HANDLE_EOF) {
        errno = EIO;
        return -1;
    }
    return count;
}
#else
#include <unistd.h>
int64_t file_read_at(int fd, void *to, size_t size, int64_t offset) {
    ssize_t count;
    do count = pread(fd, to, size, offset);
    while (count < 0 && errno == EINTR);
    return count;
}
#endif

/* The sizes of the structures of `READER_ABI`, which Python compares with its own. */
API int reader_abi(void) {
    return READER_ABI * 10000000 + (int)(sizeof(WholeLog) * 100000 + sizeof(Row) * 1000 + sizeof(Sum));
}

API Reader *reader_new(void) { return calloc(1, sizeof(Reader)); }

API void reader_free(Reader *reader) {
    names_free(&reader->variants);
    names_free(&reader->sessions);
    circumstances_free(reader);
    free(reader->values.all);
    table_free(&reader->values.table);
    free(reader->runs);
    free(reader->rows);
    table_free(&reader->row_table);
    free(reader->sums_memory);
    free(reader->packed_memory);
    table_free(&reader->sum_table);
    free(reader->notes);
    free(reader->buffer);
    free(reader->repeated.own);
    free(reader);
}

#if defined(HAS_LINES_AVX2)
#include <cpuid.h>

/* Asks the processor and the system by itself: with Zig, __builtin_cpu_supports always says no. */
static int ask_for_avx2(void) {
    uint32_t a, b, c, d, low, high;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE)) return 0;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if ((low & 6) != 6) return 0; /* the system saves no wide registers */
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & (1u << 5)) != 0;
}

static int has_avx2(void) {
    static int known = -1; /* asking is slow in virtual machines */
    int has = __atomic_load_n(&known, __ATOMIC_RELAXED);
    if (has < 0) {
        has = ask_for_avx2();
        __atomic_store_n(&known, has, __ATOMIC_RELAXED);
    }
    return has;
}
#else
static int has_avx2(void) { return 0; }
#endif

/* Returns the instruction set with which lines are read. */
API const char *reader_instructions(void) {
#if defined(__SSE2__)
    return has_avx2() ? "AVX2" : "SSE2";
#elif defined(__ARM_NEON) && defined(__aarch64__)
    return "NEON";
#else
    return "no vector";
#endif
}

int lines_widest(Reader *reader) {
#if defined(HAS_LINES_AVX2)
    if (has_avx2()) return lines_avx2(reader);
#endif
    return lines_plain(reader);
}

int buffer_ready(Reader *reader) {
    reader->notes_size = 0;
    if (reader->notes_capacity > MOST_KEPT) {
        free(reader->notes);
        reader->notes = NULL;
        reader->notes_capacity = 0;
    }
    if (reader->capacity > MOST_KEPT) {
        free(reader->buffer);
        reader->buffer = NULL;
    }
    if (reader->buffer) return 0;
    reader->capacity = 0;
    reader->buffer = malloc(FIRST_CAPACITY + PADDING);
    if (!reader->buffer) return ENOMEM;
    reader->capacity = FIRST_CAPACITY;
    memset(reader->buffer, 0, FIRST_CAPACITY + PADDING);
    return 0;
}

int reader_ready(Reader *reader) {
    rows_forget(reader);
    names_forget(&reader->sessions);
    if (reader->variants.count > MOST_VARIANTS) names_forget(&reader->variants);
    circumstances_drop(reader);
    return buffer_ready(reader);
}

void range_begin(Reader *reader, int fd, int64_t start, int64_t end) {
    reader->fd = fd;
    reader->position = start;
    reader->end = end;
    reader->noted_agent = 0;
    reader->filled = reader->whole = reader->next = reader->fills = 0;
    reader->is_started = start != 0;
    reader->repeated.name.size = 0;
}

/* Starts reading a range of a file, then continues like `reader_read`.
 *
 * `session` is the session in the path; its memory must stay valid until the range has been read. */
API int reader_begin(Reader *reader, int fd, int64_t start, int64_t end, const uint8_t *session,
                     size_t session_size) {
    if (reader_ready(reader)) return -ENOMEM;
    range_begin(reader, fd, start, end);
    reader->own_session = (Text){session, session_size};
    return reader_read(reader);
}

/* Saves the text with which the next line is compared before the buffer's bytes change. */
int repeated_keep(Repeated *repeated) {
    Text usage = repeated->usage, name = repeated->name;
    if (!name.size || usage.at == repeated->own) return 0;
    if (grow((void **)&repeated->own, &repeated->own_capacity, usage.size + name.size, 1)) return ENOMEM;
    memcpy(repeated->own, usage.at, usage.size);
    memcpy(repeated->own + usage.size, name.at, name.size);
    repeated->usage.at = repeated->own;
    repeated->name.at = repeated->own + usage.size;
    return 0;
}

int buffer_grow(Reader *reader) {
    uint8_t *larger = realloc(reader->buffer, reader->capacity * 2 + PADDING);
    if (!larger) return ENOMEM;
    memset(larger + reader->capacity, 0, reader->capacity + PADDING);
    reader->buffer = larger;
    reader->capacity *= 2;
    return 0;
}

/* Fills the buffer from the file; `whole` is the end of its last complete line. Returns 1 if there is
 * one, 0 at the end of the range, or a negative error number. */
int buffer_fill(Reader *reader) {
    size_t rest = reader->filled - reader->whole;
    if (repeated_keep(&reader->repeated)) return -ENOMEM;
    if (reader->whole) memmove(reader->buffer, reader->buffer + reader->whole, rest);
    reader->position += (int64_t)reader->whole;
    reader->filled = rest;
    reader->whole = reader->next = 0;
    for (;;) {
        int64_t left = reader->end - reader->position - (int64_t)reader->filled;
        if (left <= 0) return 0;
        if (reader->filled == reader->capacity) {
            if (reader->capacity >= HUGE_LINE) return STOP_HUGE;
            if (buffer_grow(reader)) return -ENOMEM;
        }
        size_t room = reader->capacity - reader->filled;
        if ((int64_t)room > left) room = (size_t)left;
        uint8_t *to = reader->buffer + reader->filled;
        int64_t count = file_read_at(reader->fd, to, room, reader->position + (int64_t)reader->filled);
        if (count < 0) return -(errno ? errno : EIO);
        if (!count) return 0;
        reader->filled += (size_t)count;
        reader->fills++;
        const uint8_t *newline = find_last(to, to + count, '\n');
        if (newline) {
            reader->whole = (size_t)(newline + 1 - reader->buffer);
            return 1;
        }
    }
}

/* Continues reading until Python is needed, and returns the reason. */
API int reader_read(Reader *reader) {
    for (;;) {
        if (reader->next < reader->whole) {
            int stop = lines_widest(reader);
            if (stop != STOP_END) return stop;
        }
        if (reader->notes_size > MOST_NOTES) return STOP_NOTES;
        int filled = buffer_fill(reader);
        if (filled < 0) return filled;
        if (!reader->is_started && reader->filled) {
            reader->is_started = 1;
            if (reader->filled < 2 || memcmp(reader->buffer, "{\"", 2) != 0) {
                reader->text = reader->buffer;
                reader->size = (int64_t)reader->filled;
                return STOP_HEAD;
            }
        }
        if (filled == 1) continue;
        reader->text = reader->buffer;
        reader->size = (int64_t)reader->filled;
        reader->offset = reader->position;
        return filled == STOP_HUGE ? STOP_HUGE : STOP_END;
    }
}

/* Continues after a line that is too long for the buffer. */
API void reader_skip_to(Reader *reader, int64_t position) {
    reader->position = position;
    reader->filled = reader->whole = reader->next = 0;
}

/* Stores the parts of a line that Python has read, for comparison with the next line; none if the
 * line is not an answer. Returns 0, or a negative error number. */
API int reader_note(Reader *reader, const uint8_t *usage, size_t usage_size, const uint8_t *name,
                    size_t name_size, int is_sidechain) {
    reader->repeated.usage = (Text){usage, usage_size};
    reader->repeated.name = (Text){name, name_size};
    reader->repeated.is_sidechain = is_sidechain;
    reader->repeated.row = 0;
    return -repeated_keep(&reader->repeated);
}

int64_t fingerprint_of(const uint8_t *bytes, size_t size) {
    return (int64_t)(XXH3_64bits_withSeed(bytes, size, 0) >> 1);
}

/* Returns the `fingerprint` of logs/appended_lines.py, or UINT64_MAX if the file cannot be read. */
API uint64_t reader_fingerprint(int fd, int64_t end) {
    uint8_t bytes[FINGERPRINT_BYTES];
    int64_t start = end > FINGERPRINT_BYTES ? end - FINGERPRINT_BYTES : 0;
    size_t filled = 0;
    while ((int64_t)filled < end - start) {
        int64_t count = file_read_at(fd, bytes + filled, (size_t)(end - start) - filled, start + (int64_t)filled);
        if (count < 0) return UINT64_MAX;
        if (!count) break;
        filled += (size_t)count;
    }
    return (uint64_t)fingerprint_of(bytes, filled);
}
