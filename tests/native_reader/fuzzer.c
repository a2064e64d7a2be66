/* Reads what a fuzzer makes with the native reader, twice: with buffers and instructions that the input
 * chooses. Both must come to the same, and stay within their memory. So must several files that are read
 * in one call, and each of them by itself; their answers are settled, too.
 *
 * The input's first bytes choose, the others are the log. `LLVMFuzzerTestOneInput` is what libFuzzer and
 * AFL++ call; with STANDALONE there is a `main` that reads the files which the command line names.
 * maintenance/fuzz_reader.sh builds and runs it; tests/native_reader/test_fuzzer.py, too. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static size_t first_capacity;
#define FIRST_CAPACITY first_capacity
#include "reader.h"
#undef HUGE_LINE
#undef MOST_KEPT
#define HUGE_LINE ((size_t)1 << 12) /* smaller, so that it is met */
#define MOST_KEPT ((size_t)1 << 9)
#undef MOST_NOTES
#define MOST_NOTES ((int64_t)1 << 8)

int lines_scalar(Reader *reader);
static int (*chosen_lines)(Reader *reader);
static ssize_t read_input(int fd, void *to, size_t size, off_t offset);
#define lines_plain(reader) chosen_lines(reader)
#define pread read_input
#define open(path, flags) open_input(path)
#define close(fd) ((void)(fd))
static int open_input(const char *path);
#include "reader.c"
#include "whole.c"
#include "copies.c"
#undef lines_plain

API int reader_offer(Reader *reader, const Row *row, int is_question);
API int reader_append(Reader *reader, const Row *row);
API uint32_t reader_session(Reader *reader, const uint8_t *name, size_t size);
API int64_t reader_tools(Reader *reader, const uint8_t *names, size_t size);
API int64_t reader_attribution(Reader *reader, const uint8_t *told, size_t size);
API int reader_pack(Reader *reader, const Numbers *numbers, const int64_t *thresholds, size_t count);
API void reader_sessions(const Reader *reader, int64_t first, int64_t count, int64_t *offsets,
                         uint32_t *sessions);

API int reader_pack_rest(Reader *reader, const uint8_t *answers, const uint8_t *packed_columns, size_t size,
                         size_t count, const uint8_t *verdicts, const uint8_t *shadows,
                         const int64_t *thresholds, size_t thresholds_count);
API int reader_pack_whole(Reader *reader, WholeLog *files, size_t files_count, const Numbers *numbers,
                          const int64_t *thresholds, size_t thresholds_count);

#include "fuzzed_numbers.h"
#define OPTIONS 7
#define MOST_ODD 64
#define MOST_FILES 8
#define LOG 3 /* the descriptor of the whole log; those of its parts follow */

static const uint8_t *log_bytes;
static size_t log_size, calls, shrinks_at;
static unsigned read_size, fails_at;
static Text parts[MOST_FILES];
static unsigned missing; /* a bit for each part that cannot be opened */

/* Replaces the system call: the path is the number of a part. */
static int open_input(const char *path) {
    unsigned number = (unsigned)(*path - '1');
    return missing >> number & 1 ? -1 : (int)(LOG + 1 + number);
}

/* Replaces the system call: reads fewer bytes, from a file that shrinks or fails as the input says. */
static ssize_t read_input(int fd, void *to, size_t size, off_t offset) {
    Text log = fd == LOG ? (Text){log_bytes, log_size} : parts[fd - LOG - 1];
    calls++;
    if (fails_at && calls >= fails_at) {
        errno = EIO;
        return -1;
    }
    size_t held = shrinks_at && calls >= shrinks_at ? log.size / 2 : log.size;
    if ((size_t)offset >= held) return 0;
    if (size > held - (size_t)offset) size = held - (size_t)offset;
    if (read_size && size > read_size) size = read_size;
    memcpy(to, log.at + offset, size);
    return (ssize_t)size;
}

/* Returns a copy in memory of its own, so that reading beyond it is noticed. */
static uint8_t *copied(const uint8_t *bytes, size_t size) {
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) abort();
    if (size) memcpy(copy, bytes, size);
    return copy;
}

static uint64_t found; /* a hash of all that a reader came to */

static void add(const void *bytes, size_t size) {
    if (size) found = XXH3_64bits_withSeed(bytes, size, found + size);
}

static void add_number(int64_t number) { add(&number, sizeof number); }

static uint64_t noted; /* a hash of the notes, however many are taken at a time */

/* Takes some notes, and checks that they are in the log, but for lines that were shortened: see told.h. */
static void take_notes(const uint8_t *notes, int64_t size, Text log, int is_steady) {
    const uint8_t *end = size ? notes + size : notes;
    while (notes < end) {
        int64_t head[2];
        memcpy(head, notes, sizeof head);
        notes += sizeof head;
        if (head[0] < 0 || head[1] < NOTE_START_SIZE || head[1] > end - notes) abort();
        int is_whole = memcmp(notes, "{ ", 2) != 0;
        if (is_steady && ((size_t)head[0] >= log.size ||
                          (is_whole && ((size_t)(head[0] + head[1]) > log.size ||
                                        memcmp(notes, log.at + head[0], (size_t)head[1]) != 0))))
            abort();
        noted = XXH3_64bits_withSeed(notes, (size_t)head[1], noted + (uint64_t)head[0]);
        notes += head[1];
    }
}

/* Does what Python does with a line: says what the next one must be like to repeat it. */
static void note_line(Reader *reader, const uint8_t *text, size_t size) {
    const uint8_t *end = text + size, *usage = find_text(text, end, NEEDLE, NEEDLE_SIZE);
    const uint8_t *id = find_text(text, end, "\"id\":\"", 6);
    if (!usage || !id) return;
    const uint8_t *behind = memchr(id + 6, '"', (size_t)(end - id - 6));
    const uint8_t *request = find_text(usage, end, "\"requestId\":\"", 13);
    if (!behind || !request) return;
    if (reader_note(reader, usage, (size_t)(request + 13 - usage), id + 6, (size_t)(behind - id - 6), size & 1))
        abort();
}

static const int64_t thresholds[] = {1000, 200000};
static const char session[] = "11111111-1111-4111-8111-111111111111";

/* Adds the offsets of rows, and the names of their sessions. */
static void add_sessions(const Reader *reader, int64_t first, int64_t count) {
    if (!count) return;
    int64_t *offsets = malloc((size_t)count * sizeof *offsets);
    uint32_t *sessions = malloc((size_t)count * sizeof *sessions);
    if (!offsets || !sessions) abort();
    reader_sessions(reader, first, count, offsets, sessions);
    add(offsets, (size_t)count * sizeof *offsets);
    for (int64_t i = 0; i < count; i++) {
        if (!sessions[i]) continue;
        size_t number = sessions[i] - 1, start = number ? reader->sessions.ends[number - 1] : 0;
        add(reader->sessions.bytes + start, reader->sessions.ends[number] - start);
        add_number(i);
    }
    free(offsets);
    free(sessions);
}

/* Packs what was read, with some answers that Python read. */
static void pack(Reader *reader, const uint64_t *odd, size_t odd_count) {
    size_t variants = reader->variants.count;
    for (size_t i = 0; i < odd_count; i++) {
        static const uint8_t names[] = "Bash\nRead\nBash\nEdit\n";
        Row row = {.answer = (int64_t)(odd[i] % 5), .at_ms = (int64_t)(odd[i] % 4000000),
                   .offset = (int64_t)i, .limit_reset_ms = odd[i] & 1 ? 7 : NO_RESET,
                   .recorded_cost = odd[i] & 2 ? 0.5 : NAN, .variant = (uint32_t)variants,
                   .flags = (uint32_t)(odd[i] >> 8) & 7, .input = (uint32_t)(odd[i] >> 32)};
        row.session = odd[i] & 4 ? reader_session(reader, (const uint8_t *)&odd[i], 3) : 0;
        row.tools = reader_tools(reader, names + 5 * (odd[i] >> 4 & 3), odd[i] & 64 ? 5 : 0);
        row.attribution = odd[i] & 128 ? reader_attribution(reader, names, odd[i] % 9) : 0;
        if (odd[i] & 8) {
            row.answer = (int64_t)(1000 + i); /* there are no copies of it */
            if (reader_append(reader, &row)) abort();
        } else {
            add_number(reader_offer(reader, &row, 1));
            add_number(reader_offer(reader, &row, 0));
        }
    }
    Numbers numbers = numbers_of(reader);
    if (reader_pack(reader, &numbers, thresholds, 2)) abort();
    free_numbers(&numbers);
    if (!reader->rows_count) return;
    add_sessions(reader, 0, reader->rows_count);
    add(reader->packed, (size_t)reader->packed_size);
    add(reader->sums, (size_t)reader->sums_count * sizeof *reader->sums);
    add(reader->sessions.bytes, reader->sessions.used);
}

/* Reads a range as Python does, and returns a hash of what it comes to. */
static uint64_t read_range(Reader *reader, int64_t start, int64_t end, int is_steady) {
    uint64_t odd[MOST_ODD];
    size_t odd_count = 0;
    found = noted = 0;
    calls = 0;
    int stop = reader_begin(reader, LOG, start, end, (const uint8_t *)session, sizeof session - 1);
    for (; stop > STOP_END; stop = reader_read(reader)) {
        if (stop == STOP_NOTES) {
            take_notes(reader->notes, reader->notes_size, (Text){log_bytes, log_size}, is_steady);
            reader->notes_size = 0;
            continue;
        }
        add_number(stop);
        if (stop == STOP_HEAD) {
            found += reader->text[0];
        } else if (stop == STOP_CALL) {
            add(reader->text, (size_t)reader->size);
        } else if (stop == STOP_HUGE) {
            int64_t at = reader->offset;
            add_number(at);
            const uint8_t *newline = memchr(log_bytes + at, '\n', (size_t)(end - at));
            if (!newline) return found;
            reader_skip_to(reader, newline + 1 - log_bytes);
        } else {
            const uint8_t *text = reader->text;
            size_t size = (size_t)reader->size;
            if (is_steady && memcmp(text, log_bytes + reader->offset, size) != 0) abort();
            add(text, size);
            add_number(reader->offset);
            if (odd_count < MOST_ODD) odd[odd_count++] = XXH3_64bits_withSeed(text, size, 0);
            uint8_t *copy = copied(text, size); /* as Python's own */
            note_line(reader, copy, size);
            free(copy);
        }
    }
    add_number(stop);
    if (stop == STOP_END) {
        if (reader->size) add(reader->text, (size_t)reader->size);
        add_number(reader->offset);
    }
    take_notes(reader->notes, reader->notes_size, (Text){log_bytes, log_size}, is_steady);
    add_number((int64_t)noted);
    pack(reader, odd, odd_count);
    add_number((int64_t)reader_fingerprint(LOG, end));
    return found;
}

/* Reads a part by itself, and returns a hash of what it comes to. */
static uint64_t read_part(Reader *reader, unsigned number, int64_t size) {
    int fd = LOG + 1 + (int)number;
    found = noted = 0;
    int stop = reader_begin(reader, fd, 0, size, (const uint8_t *)session, sizeof session - 1);
    for (; stop == STOP_NOTES; stop = reader_read(reader)) {
        take_notes(reader->notes, reader->notes_size, parts[number], 1);
        reader->notes_size = 0;
    }
    if (stop != STOP_END || reader->size) abort();
    Numbers numbers = numbers_of(reader);
    if (reader_pack(reader, &numbers, thresholds, 2)) abort();
    free_numbers(&numbers);
    add_sessions(reader, 0, reader->rows_count);
    add(reader->packed, (size_t)reader->packed_size);
    add(reader->sums, (size_t)reader->sums_count * sizeof *reader->sums);
    take_notes(reader->notes, reader->notes_size, parts[number], 1);
    add_number((int64_t)noted);
    add_number(reader->offset);
    add_number((int64_t)reader_fingerprint(fd, reader->offset));
    return found;
}

#include "settling.h"

/* Reads all parts in one call, and returns a hash of what they come to. */
static uint64_t read_parts(Reader *reader, size_t count, const int64_t *sizes, unsigned sizes_choice,
                           int is_steady) {
    WholeLog files[MOST_FILES] = {{0}};
    uint64_t each[MOST_FILES], all;
    char paths[2 * MOST_FILES + 1] = {0}, sessions[MOST_FILES * sizeof session];
    for (size_t i = 0; i < count; i++) {
        files[i].size = sizes[i];
        paths[2 * i] = (char)('1' + i);
        memcpy(sessions + i * sizeof session, session, sizeof session);
    }
    calls = 0;
    if (reader_read_whole(reader, files, count, paths, sessions)) return 0;
    Numbers numbers = numbers_of(reader);
    if (reader_pack_whole(reader, files, count, &numbers, thresholds, 2)) abort();
    free_numbers(&numbers);
    size_t packed = 0, sums = 0, notes = 0;
    for (size_t i = 0; i < count; i++) {
        WholeLog *file = &files[i];
        found = noted = 0;
        if (!file->is_read) {
            if (file->rows_count || file->packed_size || file->sums_count || file->notes_size) abort();
            continue;
        }
        add_sessions(reader, file->first_row, file->rows_count);
        if (file->rows_count) {
            add(reader->packed + packed, (size_t)file->packed_size);
            add(reader->sums + sums, (size_t)file->sums_count * sizeof *reader->sums);
        }
        if (file->notes_size) take_notes(reader->notes + notes, file->notes_size, parts[i], is_steady);
        add_number((int64_t)noted);
        add_number(file->end);
        add_number(file->fingerprint);
        notes += (size_t)file->notes_size;
        packed += (size_t)file->packed_size, sums += (size_t)file->sums_count;
        each[i] = found;
    }
    if (packed != (size_t)reader->packed_size || sums != (size_t)reader->sums_count ||
        notes != (size_t)reader->notes_size)
        abort();
    found = 0;
    settle_parts(reader, files, count, sizes_choice);
    all = found;
    for (size_t i = 0; i < count; i++) {
        if (!files[i].is_read) continue;
        if (is_steady && reader->variants.count <= MOST_VARIANTS && each[i] != read_part(reader, i, sizes[i]))
            abort();
        all += each[i] + i;
    }
    return all;
}

/* Divides the log into files at the ends of lines, and reads them in one call. */
static uint64_t read_divided(Reader *reader, unsigned choice, unsigned sizes_choice, int is_steady) {
    size_t count = 1 + (choice >> 1 & 7), start = 0;
    int64_t sizes[MOST_FILES];
    missing = choice & 0x10 ? choice >> 5 : 0;
    for (size_t i = 0; i < count; i++) {
        size_t end = log_size * (i + 1) / count;
        const uint8_t *newline = end > start ? memchr(log_bytes + end - 1, '\n', log_size - end + 1) : NULL;
        end = newline ? (size_t)(newline + 1 - log_bytes) : i + 1 < count ? start : log_size;
        parts[i] = (Text){log_bytes + start, end - start};
        sizes[i] = (int64_t)(end - start);
        if (sizes_choice >> i & 1) sizes[i] = i & 1 ? sizes[i] * 2 : sizes[i] / 2; /* it shrank, or grew */
        start = end;
    }
    return read_parts(reader, count, sizes, sizes_choice, is_steady);
}

static uint64_t read_with(unsigned choice, const uint8_t *data, int64_t start, int64_t end, int is_steady) {
    static int (*const readers[])(Reader *) = {
        lines_plain, lines_scalar,
#ifdef LINES_AVX2
        lines_avx2,
#endif
    };
    first_capacity = (size_t)64 << (choice & 7) % 7;
    chosen_lines = readers[(choice >> 3) % (sizeof readers / sizeof *readers)];
    Reader *reader = reader_new();
    if (!reader) abort();
    uint64_t divided = data[6] & 1 ? read_divided(reader, data[6], data[3], is_steady) : 0;
    uint64_t result = read_range(reader, start, end, is_steady);
    if (choice & 0x80) { /* a reader is used for many ranges */
        if (result != read_range(reader, start, end, is_steady)) abort();
        if (data[6] & 1 && is_steady && divided != read_divided(reader, data[6], data[3], 1)) abort();
    }
    reader_free(reader);
    return result + divided;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size <= OPTIONS) return 0;
    log_bytes = data + OPTIONS;
    log_size = size - OPTIONS;
    int64_t start = 0, end = (int64_t)log_size;
    for (unsigned lines = data[2] & 7; lines; lines--) { /* a range begins where a line does */
        const uint8_t *newline = memchr(log_bytes + start, '\n', log_size - (size_t)start);
        if (newline && newline + 1 < log_bytes + log_size) start = newline + 1 - log_bytes;
    }
    if (data[3]) end = start + 1 + (end - start - 1) * data[3] / 255;
    read_size = data[4] & 15;
    shrinks_at = fails_at = 0;
    if (data[5] & 1) shrinks_at = 1 + (data[5] >> 2 & 15);
    if (data[5] & 2) fails_at = 1 + (data[5] >> 2);
    if (shrinks_at || fails_at) { /* when it happens depends on the buffer: nothing to compare */
        read_with(data[0] & 0x7F, data, start, end, 0);
        read_with(data[1] & 0x7F, data, start, end, 0);
    } else if (read_with(data[0], data, start, end, 1) != read_with(data[1], data, start, end, 1)) {
        abort();
    }
    return 0;
}

#ifdef STANDALONE
int main(int count, char **names) {
    static uint8_t data[1 << 20];
    for (int i = 1; i < count; i++) {
        FILE *file = fopen(names[i], "rb");
        if (!file) return perror(names[i]), 2;
        size_t size = fread(data, 1, sizeof data, file);
        fclose(file);
        uint8_t *copy = copied(data, size);
        LLVMFuzzerTestOneInput(copy, size);
        free(copy);
    }
    return 0;
}
#endif
