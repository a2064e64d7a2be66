/* The answers of a range, each with its best copy, and the numbering of names. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"
#include "table.h"

#define FIRST_NAMES 64
#define FIRST_ROWS 1024

int grow(void **memory, size_t *capacity, size_t need, size_t size) {
    if (need <= *capacity) return 0;
    size_t larger = *capacity ? *capacity : 64;
    while (larger < need) {
        if (larger > SIZE_MAX / 2 / size) return ENOMEM;
        larger *= 2;
    }
    void *moved = realloc(*memory, larger * size);
    if (!moved) return ENOMEM;
    *memory = moved;
    *capacity = larger;
    return 0;
}

static uint64_t hash_bytes(const uint8_t *text, size_t size) {
    uint64_t hash = size, eight;
    for (; size >= 8; size -= 8, text += 8) {
        memcpy(&eight, text, 8);
        hash = mixed(hash ^ eight);
    }
    eight = 0;
    if (size) memcpy(&eight, text, size);
    return mixed(hash ^ eight);
}

static Text nth_name(const Names *names, size_t number) {
    size_t start = number ? names->ends[number - 1] : 0;
    return (Text){names->bytes + start, names->ends[number] - start};
}

static int is_nth_name(const Names *names, size_t number, const uint8_t *text, size_t size) {
    Text name = nth_name(names, number);
    return name.size == size && (!size || !memcmp(name.at, text, size));
}

static int is_name(const void *of, uint32_t number, const void *what) {
    const Text *text = what;
    return is_nth_name(of, number, text->at, text->size);
}

static uint64_t hash_of_name(const void *of, uint32_t number) {
    Text name = nth_name(of, number);
    return hash_bytes(name.at, name.size);
}

int names_find(Names *names, const uint8_t *text, size_t size, uint32_t *number) {
    if (names->count && is_nth_name(names, names->count - 1, text, size)) { /* usually it is the last one */
        *number = (uint32_t)names->count - 1;
        return 0;
    }
    if (table_make_room(&names->table, 0, names->count, FIRST_NAMES, hash_of_name, names)) return ENOMEM;
    uint32_t *slot = table_find(&names->table, hash_bytes(text, size), is_name, names, &(Text){text, size});
    if (*slot) {
        *number = *slot - 1;
        return 0;
    }
    if (grow((void **)&names->bytes, &names->capacity, names->used + size + 1, 1) ||
        grow((void **)&names->ends, &names->ends_capacity, names->count + 1, sizeof(size_t)))
        return ENOMEM;
    if (size) memcpy(names->bytes + names->used, text, size);
    names->used += size;
    names->ends[names->count++] = names->used;
    *slot = (uint32_t)names->count;
    *number = (uint32_t)names->count - 1;
    return 0;
}

void names_forget(Names *names) {
    names->count = names->used = 0;
    table_forget(&names->table);
}

void names_free(Names *names) {
    free(names->bytes);
    free(names->ends);
    table_free(&names->table);
}

static uint64_t total(const Row *row) {
    return (uint64_t)row->input + row->output + row->cache_write_5m + row->cache_write_1h +
           row->cache_read;
}

/* The rule of metering/entry.py's `rank`, within one file. */
static int beats(const Row *row, const Row *other) {
    uint32_t differs = row->flags ^ other->flags;
    if (differs & IS_SIDECHAIN) return !(row->flags & IS_SIDECHAIN);
    if (total(row) != total(other)) return total(row) > total(other);
    if (differs & IS_REFUSED) return (row->flags & IS_REFUSED) != 0;
    if (differs & HAS_SPEED) return (row->flags & HAS_SPEED) != 0;
    return row->offset < other->offset;
}

static uint64_t hash_of(const Row *row) { return mixed((uint64_t)row->answer ^ (uint64_t)row->request << 1); }

static uint64_t hash_of_row(const void *of, uint32_t number) { return hash_of((const Row *)of + number); }

static int is_row(const void *of, uint32_t number, const void *what) {
    const Row *known = (const Row *)of + number, *row = what;
    return known->answer == row->answer && known->request == row->request;
}

/* Returns the slot of a row's answer and request, or NULL if out of memory. */
static uint32_t *slot_of_row(Reader *reader, const Row *row) {
    size_t first = reader->first_row, count = (size_t)reader->rows_count;
    if (table_make_room(&reader->row_table, first, count, FIRST_ROWS, hash_of_row, reader->rows)) return NULL;
    return table_find(&reader->row_table, hash_of(row), is_row, reader->rows, row);
}

/* Adds a copy, unless there is a better one of the same answer and request. */
int rows_offer(Reader *reader, const Row *row) {
    uint32_t *slot = slot_of_row(reader, row);
    if (!slot) return ENOMEM;
    if (*slot) {
        Row *known = &reader->rows[*slot - 1];
        reader->last_row = *slot;
        int64_t tools; /* of all copies */
        if (tools_unite(reader, known->tools, row->tools, &tools)) return ENOMEM;
        if (beats(row, known)) *known = *row;
        known->tools = tools;
        return 0;
    }
    int error = rows_append(reader, row);
    if (!error) reader->last_row = *slot = (uint32_t)reader->rows_count;
    return error;
}

/* Adds an answer that has no other copies. */
int rows_append(Reader *reader, const Row *row) {
    size_t rows = (size_t)reader->rows_count;
    if (rows >= UINT32_MAX - 1 ||
        grow((void **)&reader->rows, &reader->rows_capacity, rows + 1, sizeof(Row)))
        return ENOMEM;
    reader->rows[rows] = *row;
    reader->rows_count++;
    return 0;
}

void rows_forget(Reader *reader) {
    reader->rows_count = 0;
    reader->first_row = 0;
    table_forget(&reader->row_table);
}

/* Prepares for many logs, for each of which the table is cleared. */
void rows_small_table(Reader *reader) {
    if (reader->row_table.mask >= FIRST_ROWS) table_free(&reader->row_table);
}

/* Begins another log, none of whose answers has copies among the rows so far. */
void rows_of_next_log(Reader *reader) {
    size_t rows = (size_t)reader->rows_count;
    if (rows == reader->first_row) return;
    reader->first_row = rows;
    table_forget(&reader->row_table);
}

/* Adds a copy that Python has read, or only checks whether it would be added. Returns 1 if so, 0 if
 * there is a better one, which then calls its tools, too, or a negative error number. */
API int reader_offer(Reader *reader, const Row *row, int is_question) {
    const uint32_t *slot = slot_of_row(reader, row);
    if (!slot) return -ENOMEM;
    int is_taken = !*slot || beats(row, &reader->rows[*slot - 1]);
    if (is_taken && is_question) return 1;
    return rows_offer(reader, row) ? -ENOMEM : is_taken;
}

/* Adds an answer that has no copies. Returns 0, or a negative error number. */
API int reader_append(Reader *reader, const Row *row) { return -rows_append(reader, row); }

/* Returns the value of `Row.session` for a session, or 0 if out of memory. */
API uint32_t reader_session(Reader *reader, const uint8_t *name, size_t size) {
    uint32_t number;
    return names_find(&reader->sessions, name, size, &number) ? 0 : number + 1;
}
