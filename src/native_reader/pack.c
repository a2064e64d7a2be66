/* Packs the columns and sums of a range's answers, in the format of metering/packed.py. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"

#define COLUMNS 11
#define FIRST_SUM_SLOTS 256

static const struct {
    size_t at;
    int is_wide;
} columns[COLUMNS] = { /* UsageEntry's integer fields in its order, without its answer and its file */
    {offsetof(Row, request), 1},        {offsetof(Row, at_ms), 1},
    {offsetof(Row, offset), 1},         {offsetof(Row, variant), 0},
    {offsetof(Row, flags), 0},          {offsetof(Row, input), 0},
    {offsetof(Row, output), 0},         {offsetof(Row, cache_write_5m), 0},
    {offsetof(Row, cache_write_1h), 0}, {offsetof(Row, cache_read), 0},
    {offsetof(Row, web_searches), 0},
};

/* The fields of metering/entry.py's UsageEntry and metering/sums.py's Sum that are packed here. If the
 * fields in Python differ, Python does not use this reader. */
API const char *reader_fields(void) {
    return "answer request at_ms file offset variant flags input output cache_write_5m cache_write_1h "
           "cache_read web_searches recorded_cost limit_reset_ms; "
           "input output cache_write_5m cache_write_1h cache_read recorded_cost web_searches answers "
           "first_ms last_ms limit_reset_ms first_offset";
}

static uint64_t value_of(const Row *row, int column) {
    uint64_t wide;
    uint32_t narrow;
    const uint8_t *at = (const uint8_t *)row + columns[column].at;
    if (columns[column].is_wide) {
        memcpy(&wide, at, sizeof wide);
        return wide;
    }
    memcpy(&narrow, at, sizeof narrow);
    return narrow;
}

/* The type codes of Python's array module by size in bytes. */
static int letter_of(uint64_t greatest, size_t *bytes) {
    if (!greatest) return *bytes = 0, '0';
    if (greatest <= 0xFF) return *bytes = 1, 'B';
    if (greatest <= 0xFFFF) return *bytes = 2, 'H';
    if (greatest <= 0xFFFFFFFF) return *bytes = 4, 'I';
    return *bytes = 8, 'q';
}

static uint8_t *put_column(uint8_t *to, const Row *rows, size_t count, size_t at, size_t bytes) {
    for (size_t i = 0; i < count; i++, to += bytes) memcpy(to, (const uint8_t *)&rows[i] + at, bytes);
    return to;
}

static int in_order(const void *one, const void *other) {
    const Row *a = one, *b = other;
    if (a->offset != b->offset) return a->offset < b->offset ? -1 : 1;
    if (a->answer != b->answer) return a->answer < b->answer ? -1 : 1;
    return a->request < b->request ? -1 : a->request > b->request;
}

static void sort_rows(Row *rows, size_t count) {
    for (size_t i = 1; i < count; i++)
        if (in_order(&rows[i - 1], &rows[i]) > 0) {
            qsort(rows, count, sizeof(Row), in_order);
            return;
        }
}

/* Appends the columns of some rows to what is packed. */
static int pack_columns(Reader *reader, const Row *rows, size_t count) {
    size_t before = (size_t)reader->packed_size;
    size_t most = before + count * sizeof(int64_t) * (COLUMNS + 3) + COLUMNS + 2;
    if (grow((void **)&reader->packed_memory, &reader->packed_capacity, most, 1)) return ENOMEM;
    uint8_t *to = reader->packed_memory + before;
    to = put_column(to, rows, count, offsetof(Row, answer), sizeof(int64_t));
    uint8_t *header = to;
    to += COLUMNS + 2;
    for (int column = 0; column < COLUMNS; column++) {
        uint64_t all = 0; /* has the width of the largest value */
        size_t bytes;
        for (size_t i = 0; i < count; i++) all |= value_of(&rows[i], column);
        header[column] = (uint8_t)letter_of(all, &bytes);
        if (bytes) to = put_column(to, rows, count, columns[column].at, bytes);
    }
    int has_costs = 0, has_resets = 0;
    for (size_t i = 0; i < count; i++) {
        has_costs |= !isnan(rows[i].recorded_cost);
        has_resets |= rows[i].limit_reset_ms != NO_RESET;
    }
    header[COLUMNS] = has_costs ? 'd' : '0';
    header[COLUMNS + 1] = has_resets ? 'q' : '0';
    if (has_costs) to = put_column(to, rows, count, offsetof(Row, recorded_cost), sizeof(double));
    if (has_resets) to = put_column(to, rows, count, offsetof(Row, limit_reset_ms), sizeof(int64_t));
    reader->packed_size = to - reader->packed_memory;
    return 0;
}

static size_t slot_of_sum(const Reader *reader, int64_t slot, uint32_t variant, uint32_t price_class) {
    uint64_t hash = (uint64_t)slot * 0x9E3779B97F4A7C15ull ^ (uint64_t)variant * 0xC2B2AE3D27D4EB4Full;
    hash = (hash ^ price_class) * 0x9E3779B97F4A7C15ull;
    size_t at = (size_t)(hash >> 32) & reader->sum_mask;
    for (; reader->sum_slots[at]; at = (at + 1) & reader->sum_mask) {
        const Sum *sum = &reader->sums_memory[reader->sum_slots[at] - 1];
        if (sum->slot == slot && sum->variant == variant && sum->price_class == price_class) break;
    }
    return at;
}

static int make_room(Reader *reader, int64_t first) {
    if ((size_t)(reader->sums_count - first) * 2 < reader->sum_mask) return 0;
    size_t slots = reader->sum_mask ? (reader->sum_mask + 1) * 2 : FIRST_SUM_SLOTS;
    uint32_t *larger = calloc(slots, sizeof *larger);
    if (!larger) return ENOMEM;
    free(reader->sum_slots);
    reader->sum_slots = larger;
    reader->sum_mask = slots - 1;
    for (int64_t i = first; i < reader->sums_count; i++) {
        const Sum *sum = &reader->sums_memory[i];
        reader->sum_slots[slot_of_sum(reader, sum->slot, sum->variant, sum->price_class)] = (uint32_t)i + 1;
    }
    return 0;
}

/* Returns the sum to which a row belongs, among those from `first` on, or NULL if out of memory. */
static Sum *sum_of(Reader *reader, const Row *row, int64_t slot, uint32_t price_class, int64_t first) {
    if (make_room(reader, first)) return NULL;
    size_t at = slot_of_sum(reader, slot, row->variant, price_class);
    if (reader->sum_slots[at]) return &reader->sums_memory[reader->sum_slots[at] - 1];
    size_t count = (size_t)reader->sums_count;
    if (grow((void **)&reader->sums_memory, &reader->sums_capacity, count + 1, sizeof(Sum))) return NULL;
    reader->sum_slots[at] = (uint32_t)++reader->sums_count;
    Sum *sum = &reader->sums_memory[count];
    *sum = (Sum){
        .slot = slot,
        .variant = row->variant,
        .price_class = price_class,
        .first_ms = row->at_ms,
        .last_ms = row->at_ms,
        .limit_reset_ms = NO_RESET,
        .first_offset = row->offset,
    };
    return sum;
}

/* Appends the sums of some rows. */
static int sum_up(Reader *reader, const Row *rows, size_t count, const int64_t *thresholds,
                  size_t thresholds_count) {
    Sum *sum = NULL;
    int64_t first = reader->sums_count;
    if (reader->sum_mask) memset(reader->sum_slots, 0, (reader->sum_mask + 1) * sizeof(uint32_t));
    for (size_t i = 0; i < count; i++) {
        const Row *row = &rows[i];
        int64_t slot = 2 * (row->at_ms / QUARTER_MS) + (row->at_ms % QUARTER_MS > 0);
        int64_t context = (int64_t)row->input + row->cache_write_5m + row->cache_write_1h + row->cache_read;
        uint32_t price_class = (uint32_t)!isnan(row->recorded_cost);
        for (size_t t = 0; t < thresholds_count && thresholds[t] < context; t++) price_class += 2;
        if (!sum || sum->slot != slot || sum->variant != row->variant || sum->price_class != price_class) {
            sum = sum_of(reader, row, slot, price_class, first);
            if (!sum) return ENOMEM;
        }
        sum->input += row->input;
        sum->output += row->output;
        sum->cache_write_5m += row->cache_write_5m;
        sum->cache_write_1h += row->cache_write_1h;
        sum->cache_read += row->cache_read;
        sum->web_searches += row->web_searches;
        sum->answers++;
        if (row->at_ms < sum->first_ms) sum->first_ms = row->at_ms;
        if (row->at_ms > sum->last_ms) sum->last_ms = row->at_ms;
        if (row->offset < sum->first_offset) sum->first_offset = row->offset;
        if (price_class & 1) sum->recorded_cost += row->recorded_cost;
        if (row->limit_reset_ms > sum->limit_reset_ms) sum->limit_reset_ms = row->limit_reset_ms;
    }
    return 0;
}

static int pack_rows(Reader *reader, size_t first, size_t count, const uint32_t *numbers,
                     const int64_t *thresholds, size_t thresholds_count) {
    Row *rows = &reader->rows[first];
    if (!count) return 0;
    sort_rows(rows, count);
    for (size_t i = 0; i < count; i++) rows[i].variant = numbers[rows[i].variant];
    return pack_columns(reader, rows, count) || sum_up(reader, rows, count, thresholds, thresholds_count);
}

/* Packs the rows of the range. `numbers` has the ledger's number of each variant. Returns 0, or a
 * negative error number. */
API int reader_pack(Reader *reader, const uint32_t *numbers, const int64_t *thresholds,
                    size_t thresholds_count) {
    reader->packed_size = reader->sums_count = 0;
    if (pack_rows(reader, 0, (size_t)reader->rows_count, numbers, thresholds, thresholds_count))
        return -ENOMEM;
    reader->packed = reader->packed_memory;
    reader->sums = reader->sums_memory;
    return 0;
}

/* The same for each of the files that `reader_read_small` has read. */
API int reader_pack_small(Reader *reader, SmallFile *files, size_t files_count, const uint32_t *numbers,
                          const int64_t *thresholds, size_t thresholds_count) {
    reader->packed_size = reader->sums_count = 0;
    if (reader->sum_mask >= FIRST_SUM_SLOTS) { /* it is cleared for each file */
        free(reader->sum_slots);
        reader->sum_slots = NULL;
        reader->sum_mask = 0;
    }
    for (SmallFile *file = files; file < files + files_count; file++) {
        int64_t packed_size = reader->packed_size, sums_count = reader->sums_count;
        if (pack_rows(reader, (size_t)file->first_row, (size_t)file->rows_count, numbers, thresholds,
                      thresholds_count))
            return -ENOMEM;
        file->packed_size = reader->packed_size - packed_size;
        file->sums_count = reader->sums_count - sums_count;
    }
    reader->packed = reader->packed_memory;
    reader->sums = reader->sums_memory;
    return 0;
}

/* Writes the position and the session of each of some rows, in order. */
API void reader_sessions(const Reader *reader, int64_t first, int64_t count, int64_t *offsets,
                         uint32_t *sessions) {
    for (int64_t i = 0; i < count; i++) {
        offsets[i] = reader->rows[first + i].offset;
        sessions[i] = reader->rows[first + i].session;
    }
}
