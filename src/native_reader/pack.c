/* Packs the columns and sums of a range's answers, in the format of metering/packed.py. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"
#include "table.h"

#define FIRST_SUMS 256
/* The columns of every packed answer: those of integers, costs and resets. Without any reasoning there are no
 * others. */
#define FIRST_COLUMNS (COLUMNS + 2)

static const struct {
    size_t at;
    int is_wide;
} columns[COLUMNS] = {
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
           "cache_read web_searches recorded_cost limit_reset_ms attribution tools reasoning; "
           "input output cache_write_5m cache_write_1h cache_read recorded_cost web_searches answers "
           "first_ms last_ms limit_reset_ms first_offset reasoning";
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
    size_t most = (size_t)reader->packed_size + count * sizeof(int64_t);
    if (grow((void **)&reader->packed_memory, &reader->packed_capacity, most, 1)) return ENOMEM;
    put_column(reader->packed_memory + reader->packed_size, rows, count, offsetof(Row, answer), sizeof(int64_t));
    reader->packed_size = (int64_t)most;
    if (runs_pack(reader, rows, count)) return ENOMEM;
    size_t before = (size_t)reader->packed_size;
    most = before + count * sizeof(int64_t) * (FIRST_COLUMNS + 1) + FIRST_COLUMNS + 1;
    if (grow((void **)&reader->packed_memory, &reader->packed_capacity, most, 1)) return ENOMEM;
    uint8_t *to = reader->packed_memory + before, *header = to;
    uint64_t reasoning = 0;
    for (size_t i = 0; i < count; i++) reasoning |= rows[i].reasoning;
    to += FIRST_COLUMNS + (reasoning > 0);
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
    if (reasoning) {
        size_t bytes;
        header[FIRST_COLUMNS] = (uint8_t)letter_of(reasoning, &bytes);
        to = put_column(to, rows, count, offsetof(Row, reasoning), bytes);
    }
    reader->packed_size = to - reader->packed_memory;
    return 0;
}

static uint64_t hash_of(const Sum *sum) {
    uint64_t rest = (uint64_t)sum->variant << 32 ^ (uint64_t)sum->price_class << 16 ^ sum->shadow;
    return mixed((uint64_t)sum->slot << 8 ^ rest);
}

static uint64_t hash_of_sum(const void *of, uint32_t number) { return hash_of((const Sum *)of + number); }

static int has_key(const Sum *sum, const Sum *key) {
    return sum->slot == key->slot && sum->variant == key->variant && sum->price_class == key->price_class &&
           sum->shadow == key->shadow;
}

static int is_sum(const void *of, uint32_t number, const void *what) {
    return has_key((const Sum *)of + number, what);
}

/* Returns the sum with the same key, among those from `first` on, or NULL if out of memory. A new one begins
 * with `key`. */
static Sum *sum_of(Reader *reader, const Sum *key, size_t first) {
    size_t count = (size_t)reader->sums_count;
    if (table_make_room(&reader->sum_table, first, count, FIRST_SUMS, hash_of_sum, reader->sums_memory)) return NULL;
    uint32_t *found = table_find(&reader->sum_table, hash_of(key), is_sum, reader->sums_memory, key);
    if (*found) return &reader->sums_memory[*found - 1];
    if (grow((void **)&reader->sums_memory, &reader->sums_capacity, count + 1, sizeof(Sum))) return NULL;
    *found = (uint32_t)++reader->sums_count;
    Sum *sum = &reader->sums_memory[count];
    *sum = *key;
    return sum;
}

/* Appends the sums of some rows. */
static int sum_up(Reader *reader, const Row *rows, size_t count, const int64_t *thresholds,
                  size_t thresholds_count) {
    Sum *sum = NULL;
    size_t first = (size_t)reader->sums_count;
    table_forget(&reader->sum_table);
    for (size_t i = 0; i < count; i++) {
        const Row *row = &rows[i];
        int64_t slot = 2 * (row->at_ms / QUARTER_MS) + (row->at_ms % QUARTER_MS > 0);
        int64_t context = (int64_t)row->input + row->cache_write_5m + row->cache_write_1h + row->cache_read;
        uint32_t price_class = (uint32_t)!isnan(row->recorded_cost);
        for (size_t t = 0; t < thresholds_count && thresholds[t] < context; t++) price_class += 2;
        Sum key = {
            .slot = slot,
            .variant = row->variant,
            .price_class = price_class,
            .shadow = row->shadow,
            .first_ms = row->at_ms,
            .last_ms = row->at_ms,
            .limit_reset_ms = NO_RESET,
            .first_offset = row->offset,
        };
        if (!sum || !has_key(sum, &key)) {
            sum = sum_of(reader, &key, first);
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
        sum->reasoning += row->reasoning;
    }
    return 0;
}

int rows_pack(Reader *reader, const Row *rows, size_t count, const int64_t *thresholds,
              size_t thresholds_count) {
    return pack_columns(reader, rows, count) || sum_up(reader, rows, count, thresholds, thresholds_count)
               ? ENOMEM
               : 0;
}

static int pack_rows(Reader *reader, size_t first, size_t count, const Numbers *numbers, const int64_t *thresholds,
                     size_t thresholds_count) {
    if (!count) return 0; /* there may be no rows at all, and an offset to NULL is undefined */
    Row *rows = &reader->rows[first];
    sort_rows(rows, count);
    for (Row *row = rows; row < rows + count; row++) {
        row->variant = numbers->variants[row->variant];
        row->attribution = numbers->attributions[row->attribution];
        row->tools = numbers->tools[row->tools];
    }
    return rows_pack(reader, rows, count, thresholds, thresholds_count);
}

/* Packs the rows of the range. Returns 0, or a negative error number. */
API int reader_pack(Reader *reader, const Numbers *numbers, const int64_t *thresholds,
                    size_t thresholds_count) {
    reader->packed_size = reader->sums_count = 0;
    if (pack_rows(reader, 0, (size_t)reader->rows_count, numbers, thresholds, thresholds_count))
        return -ENOMEM;
    reader->packed = reader->packed_memory;
    reader->sums = reader->sums_memory;
    return 0;
}

/* The same for each of the logs that `reader_read_whole` has read. */
API int reader_pack_whole(Reader *reader, WholeLog *logs, size_t logs_count, const Numbers *numbers,
                          const int64_t *thresholds, size_t thresholds_count) {
    reader->packed_size = reader->sums_count = 0;
    if (reader->sum_table.mask >= FIRST_SUMS) table_free(&reader->sum_table); /* it is cleared for each log */
    for (WholeLog *log = logs; log < logs + logs_count; log++) {
        int64_t packed_size = reader->packed_size, sums_count = reader->sums_count;
        if (pack_rows(reader, (size_t)log->first_row, (size_t)log->rows_count, numbers, thresholds,
                      thresholds_count))
            return -ENOMEM;
        log->packed_size = reader->packed_size - packed_size;
        log->sums_count = reader->sums_count - sums_count;
    }
    reader->packed = reader->packed_memory;
    reader->sums = reader->sums_memory;
    return 0;
}

static size_t bytes_of(uint8_t letter) {
    switch (letter) {
    case '0': return 0;
    case 'B': return 1;
    case 'H': return 2;
    case 'I': return 4;
    case 'q': case 'd': return 8;
    default: return SIZE_MAX;
    }
}

static Column *nth_column(Packed *packed, int n) {
    if (n < COLUMNS) return &packed->columns[n];
    return n == COLUMNS ? &packed->costs : n == COLUMNS + 1 ? &packed->resets : &packed->reasoning;
}

int packed_open(Packed *packed, const uint8_t *answers, const uint8_t *packed_columns, size_t size,
                size_t count) {
    *packed = (Packed){.count = count, .answers = answers};
    if (!count) return 0;
    const uint8_t *header = runs_open(packed, packed_columns, size), *end = packed_columns + size;
    if (!header || end - header < FIRST_COLUMNS) return EINVAL;
    size_t used = 0;
    for (int i = 0; i < FIRST_COLUMNS; i++) {
        size_t bytes = bytes_of(header[i]), most = i < COLUMNS && !columns[i].is_wide ? 4 : 8;
        if (bytes > most || (header[i] == 'd') != (i == COLUMNS && bytes)) return EINVAL;
        if (i > COLUMNS && bytes && bytes != 8) return EINVAL;
        used += bytes;
    }
    int letters = FIRST_COLUMNS; /* one more if there is more than these columns take */
    if (used > (size_t)(end - header) / count) return EINVAL;
    if (used * count < (size_t)(end - header) - FIRST_COLUMNS) {
        size_t bytes = bytes_of(header[letters++]);
        if (!bytes || bytes > 4) return EINVAL;
    }
    const uint8_t *at = header + letters;
    for (int i = 0; i < letters; i++) {
        size_t bytes = bytes_of(header[i]);
        if (bytes * count > (size_t)(end - at)) return EINVAL;
        *nth_column(packed, i) = (Column){at, bytes};
        at += bytes * count;
    }
    return at == end ? 0 : EINVAL;
}

static Row row_of(const Packed *packed, size_t at) {
    Row row = {.answer = (int64_t)packed_answer(packed, at), .recorded_cost = NAN, .limit_reset_ms = NO_RESET};
    for (int i = 0; i < COLUMNS; i++) {
        uint64_t value = packed_value(&packed->columns[i], at);
        uint32_t narrow = (uint32_t)value;
        uint8_t *to = (uint8_t *)&row + columns[i].at;
        if (columns[i].is_wide)
            memcpy(to, &value, sizeof value);
        else
            memcpy(to, &narrow, sizeof narrow);
    }
    if (packed->costs.bytes) memcpy(&row.recorded_cost, packed->costs.at + at * sizeof(double), sizeof(double));
    if (packed->resets.bytes) row.limit_reset_ms = (int64_t)packed_value(&packed->resets, at);
    if (packed->reasoning.bytes) row.reasoning = (uint32_t)packed_value(&packed->reasoning, at);
    return row;
}

/* Packs packed answers again, without the rows that `verdicts` has anything but 0 for. `shadows` has four
 * bytes for each row; it is NULL if none has one. Returns 0, or a negative error number. */
API int reader_pack_rest(Reader *reader, const uint8_t *answers, const uint8_t *packed_columns, size_t size,
                         size_t count, const uint8_t *verdicts, const uint8_t *shadows,
                         const int64_t *thresholds, size_t thresholds_count) {
    Packed packed;
    rows_forget(reader);
    reader->packed_size = reader->sums_count = 0;
    int error = packed_open(&packed, answers, packed_columns, size, count);
    Runs attributions = {.at = packed.attribution_runs, .values = packed.attribution_values};
    Runs tools = {.at = packed.tools_runs, .values = packed.tools_values};
    for (size_t i = 0; i < count && !error; i++) {
        int64_t attribution = runs_next(&attributions), called = runs_next(&tools);
        if (verdicts[i]) continue;
        Row row = row_of(&packed, i);
        row.attribution = attribution;
        row.tools = called;
        if (shadows) memcpy(&row.shadow, shadows + i * sizeof row.shadow, sizeof row.shadow);
        error = rows_append(reader, &row);
    }
    if (error || !reader->rows_count) return -error;
    size_t left = (size_t)reader->rows_count;
    if (rows_pack(reader, reader->rows, left, thresholds, thresholds_count)) return -ENOMEM;
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
