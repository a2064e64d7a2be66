/* Packs the attributions and tools of answers, as metering/runs.py does. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"
#include "table.h"

#define MARK '*'
#define IMPLIED 2 /* the values 0 and 1 are at these positions */
#define FIRST_VALUES 64
#define LONGEST 10 /* of numbers */

static uint64_t hash_of_value(const void *of, uint32_t number) { return mixed((uint64_t)((const int64_t *)of)[number]); }

static int is_value(const void *of, uint32_t number, const void *what) {
    return ((const int64_t *)of)[number] == *(const int64_t *)what;
}

static uint8_t *put(uint8_t *to, uint64_t number) {
    for (; number >= 0x80; number >>= 7) *to++ = (uint8_t)(number | 0x80);
    *to++ = (uint8_t)number;
    return to;
}

/* Finds the position of a value among those of a column. */
static int find_position(Values *values, int64_t value, uint64_t *position) {
    *position = (uint64_t)value;
    if (value >= 0 && value < IMPLIED) return 0;
    if (table_make_room(&values->table, 0, values->count, FIRST_VALUES, hash_of_value, values->all)) return ENOMEM;
    uint32_t *slot = table_find(&values->table, mixed((uint64_t)value), is_value, values->all, &value);
    if (!*slot) {
        if (grow((void **)&values->all, &values->capacity, values->count + 1, sizeof value)) return ENOMEM;
        values->all[values->count++] = value;
        *slot = (uint32_t)values->count;
    }
    *position = *slot + 1;
    return 0;
}

static int64_t value_at(const Row *rows, size_t row, size_t at) {
    int64_t value;
    memcpy(&value, (const uint8_t *)&rows[row] + at, sizeof value);
    return value;
}

int runs_pack(Reader *reader, const Row *rows, size_t count) {
    static const size_t columns[2] = {offsetof(Row, attribution), offsetof(Row, tools)};
    Values *values = &reader->values;
    size_t i = 0, head;
    while (i < count && !rows[i].attribution && !rows[i].tools) i++;
    if (i == count) return 0;
    if (grow((void **)&reader->runs, &reader->runs_capacity, 4 * LONGEST * count, 1)) return ENOMEM;
    if (grow((void **)&reader->packed_memory, &reader->packed_capacity,
             (size_t)reader->packed_size + 1 + 3 * LONGEST + 2 * count * (sizeof(int64_t) + 2 * LONGEST), 1))
        return ENOMEM;
    /* the size is known last: what it is of is written behind the longest one, and moved then */
    uint8_t *start = reader->packed_memory + reader->packed_size, *body = start + 1 + LONGEST, *to = body;
    uint8_t *run = reader->runs;
    for (int column = 0; column < 2; column++) {
        values->count = 0;
        table_forget(&values->table);
        for (size_t first = 0, end; first < count; first = end) {
            int64_t value = value_at(rows, first, columns[column]);
            uint64_t position;
            for (end = first + 1; end < count && value_at(rows, end, columns[column]) == value;) end++;
            if (find_position(values, value, &position)) return ENOMEM;
            run = put(run, 2 * position + (end - first > 1));
            if (end - first > 1) run = put(run, end - first - 2);
        }
        to = put(to, values->count);
        if (values->count) memcpy(to, values->all, values->count * sizeof *values->all);
        to += values->count * sizeof *values->all;
    }
    size_t runs = (size_t)(run - reader->runs);
    memcpy(to, reader->runs, runs);
    to += runs;
    *start = MARK;
    head = (size_t)(put(start + 1, (uint64_t)(to - body)) - start);
    memmove(start + head, body, (size_t)(to - body));
    reader->packed_size += (int64_t)head + (to - body);
    return 0;
}

/* Reads a number of at most 35 bits. Returns its end, or NULL. */
static const uint8_t *number(const uint8_t *at, const uint8_t *end, uint64_t *found) {
    *found = 0;
    for (unsigned shift = 0; at < end && shift < 35; shift += 7) {
        *found |= (uint64_t)(*at & 0x7F) << shift;
        if (*at++ < 0x80) return at;
    }
    return NULL;
}

static const uint8_t *open_values(const uint8_t *at, const uint8_t *end, const uint8_t **values, size_t *count) {
    uint64_t found;
    at = number(at, end, &found);
    if (!at || found > (size_t)(end - at) / sizeof(int64_t)) return NULL;
    *values = at;
    *count = (size_t)found;
    return at + found * sizeof(int64_t);
}

/* Checks the runs of a column. */
static const uint8_t *open_runs(const uint8_t *at, const uint8_t *end, size_t values, size_t left) {
    while (left && at) {
        uint64_t run, length = 1;
        at = number(at, end, &run);
        if (at && run % 2 && (at = number(at, end, &length))) length += 2;
        if (!at || run / 2 >= values + IMPLIED || length > left) return NULL;
        left -= (size_t)length;
    }
    return at;
}

const uint8_t *runs_open(Packed *packed, const uint8_t *columns, size_t size) {
    uint64_t length;
    const uint8_t *end = columns + size;
    if (!size || *columns != MARK) return columns;
    const uint8_t *at = number(columns + 1, end, &length);
    if (!at || length > (size_t)(end - at)) return NULL;
    end = at + length;
    if (!(at = open_values(at, end, &packed->attribution_values, &packed->attribution_values_count))) return NULL;
    if (!(at = open_values(at, end, &packed->tools_values, &packed->tools_values_count))) return NULL;
    packed->attribution_runs = at;
    if (!(at = open_runs(at, end, packed->attribution_values_count, packed->count))) return NULL;
    packed->tools_runs = at;
    return open_runs(at, end, packed->tools_values_count, packed->count) == end ? end : NULL;
}
