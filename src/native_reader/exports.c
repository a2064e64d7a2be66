/* Reads the lines of exported entries: each is an entry as tracker/entry_rows.py's `EntryRow` is written.
 *
 * A line of the usual form has all members of an `EntryRow`, in its order and without blanks, as we write
 * them; those with their default may be missing. Python has every other line, and the first one of each log
 * and of each variant: it alone checks their names, which here are no more than bytes. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"

/* metering/entry.py: MAX_OFFSET */
#define MAX_OFFSET ((int64_t)1 << 53)
/* Longer numbers, whose values do not matter here, may be too large for Python. */
#define MOST_COST_BYTES 32

/* The parts of a line that say which log it is from, which variant it has, and of which circumstances it is. */
enum { PART_SESSION, PART_PATH, PART_ROOT, LOG_PARTS, PART_VARIANT = LOG_PARTS, PART_TOLD, PARTS };

typedef struct Entry {
    Row row;
    Text parts[PARTS];
    const struct Entry *before; /* the entry before it, most of whose parts are usually the same */
    const uint8_t *end;         /* of all lines */
    int differs;                /* which parts are not the same */
} Entry;

/* Returns the end of a part that is the same as in the entry before, or NULL. */
static const uint8_t *same_part(const uint8_t *at, Entry *entry, int part) {
    const Entry *before = entry->before;
    if (!before || before->parts[part].size > (size_t)(entry->end - at)) return NULL;
    size_t size = before->parts[part].size;
    if (memcmp(at, before->parts[part].at, size)) return NULL;
    entry->parts[part] = (Text){at, size};
    return at + size;
}

/* Notes a part that is not the same; returns its end. */
static const uint8_t *other_part(const uint8_t *from, const uint8_t *end, Entry *entry, int part) {
    if (!end) return NULL;
    entry->parts[part] = (Text){from, (size_t)(end - from)};
    entry->differs |= 1 << part;
    return end;
}

/* Returns where the value of the next member begins, or NULL if it has another key. */
#define NEXT(at, key) WORD(at, ",\"" key "\":")
/* The same; returns NULL from the function if it has another key. */
#define MUST(at, key) \
    do { \
        if (!((at) = NEXT(at, key))) return NULL; \
    } while (0)

static const uint8_t *any_text(const uint8_t *at) { return at && *at == '"' ? rest_of_text(at + 1) : NULL; }

static const uint8_t *truth(const uint8_t *at, int *is_true) {
    *is_true = *at == 't';
    return *is_true ? WORD(at, "true") : WORD(at, "false");
}

/* Reads sixteen hexadecimal digits of a number of 63 bits. */
static const uint8_t *hash(const uint8_t *at, int64_t *value) {
    if (*at != '"' || at[1] > '7') return NULL;
    uint64_t found = 0;
    for (int i = 1; i <= 16; i++) {
        uint8_t digit = at[i];
        if (is_digit(digit)) digit = (uint8_t)(digit - '0');
        else if (digit >= 'a' && digit <= 'f') digit = (uint8_t)(digit - 'a' + 10);
        else return NULL;
        found = found << 4 | digit;
    }
    *value = (int64_t)found;
    return at[17] == '"' ? at + 18 : NULL;
}

static const uint8_t *moment(const uint8_t *at, int64_t *at_ms) {
    Text text;
    at = plain_text(at, &text);
    return at && read_moment(text, at_ms) ? at : NULL;
}

static const uint8_t *place(const uint8_t *at, int64_t *value) {
    const uint8_t *from = at;
    int64_t found = 0;
    if (*at == '0') at++;
    else
        while (is_digit(*at) && at - from < 17) found = found * 10 + (*at++ - '0');
    if (at == from || found > MAX_OFFSET || is_digit(*at) || *at == '.' || (*at | 32) == 'e') return NULL;
    *value = found;
    return at;
}

/* Skips what an entry costs in reports, or null. */
static const uint8_t *any_cost(const uint8_t *at) {
    if (*at == 'n') return WORD(at, "null");
    const uint8_t *end = number(at);
    if (!end || end - at > MOST_COST_BYTES || memchr(at, 'e', (size_t)(end - at)) ||
        memchr(at, 'E', (size_t)(end - at)))
        return NULL;
    return end;
}

static const uint8_t *recorded_cost(const uint8_t *at, double *dollars) {
    Line line = NO_LINE;
    if (*at == 'n') return WORD(at, "null");
    at = read_dollars(at, &line);
    if (!at || line.is_odd) return NULL;
    *dollars = line.row.recorded_cost;
    return at;
}

/* Reads the variant: from the model's name to the role. */
static const uint8_t *read_variant(const uint8_t *at, Entry *entry) {
    const uint8_t *next, *from = at;
    Text role;
    int is_true;
    if ((next = same_part(at, entry, PART_VARIANT)) && NEXT(next, "inputTokens")) {
        entry->row.flags |= entry->before->row.flags & IS_REFUSED;
        return next;
    }
    MUST(at, "model");
    at = any_text(at);
    if (at && (next = NEXT(at, "isFast"))) at = truth(next, &is_true);
    if (at && (next = NEXT(at, "inferenceGeo"))) at = any_text(next);
    if (at && (next = NEXT(at, "isAdvisor"))) at = truth(next, &is_true);
    if (at && (next = NEXT(at, "role"))) {
        at = plain_text(next, &role);
        if (at && IS(role, "refused")) entry->row.flags |= IS_REFUSED;
    }
    return other_part(from, at, entry, PART_VARIANT);
}

static const uint8_t *read_counts(const uint8_t *at, Row *row) {
    const uint8_t *next;
    MUST(at, "inputTokens");
    if (!(at = count(at, &row->input))) return NULL;
    MUST(at, "outputTokens");
    if (!(at = count(at, &row->output))) return NULL;
    MUST(at, "cacheCreation5mTokens");
    if (!(at = count(at, &row->cache_write_5m))) return NULL;
    MUST(at, "cacheCreation1hTokens");
    if (!(at = count(at, &row->cache_write_1h))) return NULL;
    MUST(at, "cacheReadTokens");
    at = count(at, &row->cache_read);
    if (at && (next = NEXT(at, "webSearchRequests"))) at = count(next, &row->web_searches);
    if (at && (next = NEXT(at, "reasoningTokens"))) at = count(next, &row->reasoning);
    return row->reasoning > row->output ? NULL : at;
}

/* Reads the costs and what else is known of an answer, up to its hashes. */
static const uint8_t *read_rest(const uint8_t *at, Row *row) {
    const uint8_t *next;
    int is_true;
    MUST(at, "cost");
    at = any_cost(at);
    if (at && (next = NEXT(at, "recordedCost"))) at = recorded_cost(next, &row->recorded_cost);
    if (at && (next = NEXT(at, "limitReset"))) at = moment(next, &row->limit_reset_ms);
    if (!at) return NULL;
    MUST(at, "isCounted");
    at = truth(at, &is_true);
    if (at && (next = NEXT(at, "isSidechain"))) {
        at = truth(next, &is_true);
        if (is_true) row->flags |= IS_SIDECHAIN;
    }
    if (at && (next = NEXT(at, "hasSpeed"))) {
        at = truth(next, &is_true);
        if (is_true) row->flags |= HAS_SPEED;
    }
    if (!at) return NULL;
    MUST(at, "answer");
    if (!(at = hash(at, &row->answer))) return NULL;
    MUST(at, "request");
    return hash(at, &row->request);
}

static const uint8_t *read_machine(const uint8_t *at, Entry *entry) {
    const uint8_t *next, *from = at;
    if ((next = same_part(at, entry, PART_SESSION))) return next;
    MUST(at, "machine");
    if (!(at = any_text(at))) return NULL;
    MUST(at, "project");
    if (!(at = any_text(at))) return NULL;
    MUST(at, "projectPath");
    if (!(at = any_text(at))) return NULL;
    MUST(at, "sessionId");
    return other_part(from, any_text(at), entry, PART_SESSION);
}

static const uint8_t *read_log(const uint8_t *at, Entry *entry) {
    const uint8_t *next, *from = at;
    if ((next = same_part(at, entry, PART_PATH))) at = next;
    else {
        MUST(at, "path");
        if (!(at = other_part(from, any_text(at), entry, PART_PATH))) return NULL;
    }
    MUST(at, "offset");
    if (!(at = place(at, &entry->row.offset))) return NULL;
    from = at;
    if ((next = same_part(at, entry, PART_ROOT)) && !NEXT(next, "vmOf") && !NEXT(next, "machineId") &&
        !NEXT(next, "agent"))
        return next;
    MUST(at, "root");
    at = any_text(at);
    if (at && (next = NEXT(at, "vmOf"))) at = any_text(next);
    if (!at) return NULL;
    MUST(at, "machineId");
    at = any_text(at);
    if (at && (next = NEXT(at, "agent"))) at = any_text(next);
    return other_part(from, at, entry, PART_ROOT);
}

/* Reads the circumstances, whose names Python checks. */
static const uint8_t *read_told(const uint8_t *at, Entry *entry) {
    const uint8_t *next, *from = at;
    if ((next = same_part(at, entry, PART_TOLD)) && *next == '}') return next;
    while (at && *at == ',') {
        if (*++at != '"' || !(at = rest_of_text(at + 1)) || *at++ != ':') return NULL;
        at = any_text(at);
    }
    return other_part(from, at, entry, PART_TOLD);
}

/* Reads a line; returns where it ends, or NULL if it is not of the usual form. */
static const uint8_t *read_entry(const uint8_t *at, Entry *entry) {
    entry->row = NO_LINE.row;
    entry->differs = 0;
    if (!(at = WORD(at, "{\"timestamp\":")) || !(at = moment(at, &entry->row.at_ms))) return NULL;
    if (!(at = read_machine(at, entry)) || !(at = read_variant(at, entry))) return NULL;
    if (!(at = read_counts(at, &entry->row)) || !(at = read_rest(at, &entry->row))) return NULL;
    if (!(at = read_log(at, entry)) || !(at = read_told(at, entry)) || *at++ != '}') return NULL;
    if (*at == ',') at++;
    return *at == '\n' ? at : NULL;
}

/* Finds the number, plus 1, of an entry's circumstances; 0 if nothing is told. Returns 0 or an error number. */
static int find_told(Reader *reader, Entry *entry) {
    Text told = entry->parts[PART_TOLD];
    uint32_t number;
    if (entry->before && !(entry->differs & 1 << PART_TOLD))
        entry->row.attribution = entry->before->row.attribution;
    else if (told.size) {
        if (names_find(&reader->attributions, told.at, told.size, &number)) return ENOMEM;
        entry->row.attribution = (int64_t)number + 1;
    }
    entry->row.tools = entry->row.attribution;
    return 0;
}

/* Finds the numbers of an entry's log, as which three of its parts count together, and of its variant. Returns
 * 0 or an error number. */
static int find_numbers(Reader *reader, Entry *entry) {
    const Text *variant = &entry->parts[PART_VARIANT];
    if (find_told(reader, entry)) return ENOMEM;
    if (entry->before && !(entry->differs & ((1 << LOG_PARTS) - 1)))
        entry->row.session = entry->before->row.session;
    else {
        size_t size = 0;
        for (int i = 0; i < LOG_PARTS; i++) size += entry->parts[i].size;
        while (reader->capacity < size)
            if (buffer_grow(reader)) return ENOMEM;
        uint8_t *to = reader->buffer;
        for (int i = 0; i < LOG_PARTS; i++) {
            memcpy(to, entry->parts[i].at, entry->parts[i].size);
            to += entry->parts[i].size;
        }
        if (names_find(&reader->sessions, reader->buffer, size, &entry->row.session)) return ENOMEM;
    }
    if (entry->before && !(entry->differs & 1 << PART_VARIANT)) {
        entry->row.variant = entry->before->row.variant;
        return 0;
    }
    return names_find(&reader->variants, variant->at, variant->size, &entry->row.variant);
}

/* Forgets all entries, logs and variants. */
API int exports_begin(Reader *reader) {
    if (buffer_ready(reader)) return -ENOMEM;
    rows_forget(reader);
    names_forget(&reader->sessions);
    names_forget(&reader->variants);
    names_forget(&reader->attributions);
    return 0;
}

/* Reads lines from `start` on; `text` ends in a newline, and has PADDING more bytes than `size`. Adds each
 * entry of the usual form whose log and variant have numbers below `logs` and `variants`, and whose
 * circumstances one of at most `told`; `size` is how many.
 *
 * Returns STOP_END at the end, or a negative error number. Otherwise STOP_LINE: `offset` is where a line
 * begins that is not of the usual form or, if there is more of one of them than before, has a new one. */
API int exports_read(Reader *reader, const uint8_t *text, size_t start, size_t size, size_t logs,
                     size_t variants, size_t told) {
    const uint8_t *at = text + start, *end = text + size;
    Entry entries[2] = {{.end = end}, {.end = end}}, *entry = entries;
    for (reader->size = 0; at < end; reader->size++) {
        reader->offset = at - text;
        const uint8_t *after = read_entry(at, entry);
        if (!after) return STOP_LINE;
        if (find_numbers(reader, entry)) return -ENOMEM;
        if (entry->row.session >= logs || entry->row.variant >= variants ||
            (size_t)entry->row.attribution > told)
            return STOP_LINE;
        if (rows_append(reader, &entry->row)) return -ENOMEM;
        at = after + 1;
        Entry *other = entry == entries ? entries + 1 : entries;
        other->before = entry;
        entry = other;
    }
    reader->offset = (int64_t)size;
    return STOP_END;
}

/* Sorts the rows by what `found` says of their logs, so that those of each stay in order. Returns the rows,
 * without those of no log, or NULL if out of memory. */
static Row *by_log(const Reader *reader, const int64_t *logs, ExportedLog *found, size_t found_count) {
    size_t rows = (size_t)reader->rows_count, at = 0;
    size_t *next = calloc(found_count + 1, sizeof *next);
    Row *sorted = malloc((rows + 1) * sizeof *sorted);
    if (!next || !sorted) {
        free(next);
        free(sorted);
        return NULL;
    }
    if (found_count) memset(found, 0, found_count * sizeof *found); /* NULL if there are none */
    for (size_t i = 0; i < rows; i++)
        if (logs[reader->rows[i].session] >= 0) found[logs[reader->rows[i].session]].rows_count++;
    for (size_t i = 0; i < found_count; i++) {
        next[i] = at;
        at += (size_t)found[i].rows_count;
    }
    for (size_t i = 0; i < rows; i++) {
        const Row *row = &reader->rows[i];
        int64_t log = logs[row->session];
        if (log < 0) continue;
        sorted[next[log]++] = *row;
        if (row->offset >= found[log].end) found[log].end = row->offset + 1;
    }
    free(next);
    return sorted;
}

/* Packs the entries, log by log, and forgets them.
 *
 * `logs` has for the number of each log its position in `found`, or a negative number if its entries are to
 * be left out; `numbers` has the ledger's number of each variant, or a negative one if there is none;
 * `attributions` and `tools` those of circumstances, of which the first are not known.
 * Returns 0 or a negative error number: EINVAL if an entry has no variant. */
API int exports_pack(Reader *reader, const int64_t *logs, const int64_t *numbers, const int64_t *attributions,
                     const int64_t *tools, const int64_t *thresholds, size_t thresholds_count,
                     ExportedLog *found, size_t found_count) {
    Row *sorted = by_log(reader, logs, found, found_count), *rows = sorted;
    if (!sorted) return -ENOMEM;
    rows_forget(reader);
    reader->packed_size = reader->sums_count = 0;
    int error = 0;
    for (size_t at = 0; at < found_count && !error; at++) {
        ExportedLog *log = &found[at];
        size_t count = (size_t)log->rows_count;
        int64_t packed_size = reader->packed_size, sums_count = reader->sums_count;
        for (size_t i = 0; i < count && !error; i++) {
            error = numbers[rows[i].variant] < 0 ? EINVAL : 0;
            rows[i].variant = (uint32_t)numbers[rows[i].variant];
            rows[i].attribution = attributions[rows[i].attribution];
            rows[i].tools = tools[rows[i].tools];
        }
        if (count && !error) error = rows_pack(reader, rows, count, thresholds, thresholds_count);
        log->packed_size = reader->packed_size - packed_size;
        log->sums_count = reader->sums_count - sums_count;
        rows += count;
    }
    free(sorted);
    reader->packed = reader->packed_memory;
    reader->sums = reader->sums_memory;
    return -error;
}
