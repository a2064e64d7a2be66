/* The answers of a range, each with its best copy, and the numbering of names. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"

#define FIRST_SLOTS 1024

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

static uint64_t mixed(uint64_t value) { /* the last step of MurmurHash3: every bit of the result depends on all bits */
    value = (value ^ value >> 33) * 0xFF51AFD7ED558CCDull;
    value = (value ^ value >> 33) * 0xC4CEB9FE1A85EC53ull;
    return value ^ value >> 33;
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

static int is_name(const Names *names, size_t number, const uint8_t *text, size_t size) {
    Text name = nth_name(names, number);
    return name.size == size && (!size || !memcmp(name.at, text, size));
}

static size_t slot_of_name(const Names *names, const uint8_t *text, size_t size) {
    size_t slot = (size_t)hash_bytes(text, size) & names->mask;
    while (names->slots[slot] && !is_name(names, names->slots[slot] - 1, text, size))
        slot = (slot + 1) & names->mask;
    return slot;
}

int names_find(Names *names, const uint8_t *text, size_t size, uint32_t *number) {
    if (names->count && is_name(names, names->count - 1, text, size)) { /* usually it is the last one */
        *number = (uint32_t)names->count - 1;
        return 0;
    }
    if (names->count * 2 >= names->mask) {
        size_t slots = names->mask ? (names->mask + 1) * 2 : 64;
        uint32_t *larger = calloc(slots, sizeof *larger);
        if (!larger) return ENOMEM;
        free(names->slots);
        names->slots = larger;
        names->mask = slots - 1;
        for (size_t i = 0; i < names->count; i++) {
            Text name = nth_name(names, i);
            names->slots[slot_of_name(names, name.at, name.size)] = (uint32_t)i + 1;
        }
    }
    size_t slot = slot_of_name(names, text, size);
    if (names->slots[slot]) {
        *number = names->slots[slot] - 1;
        return 0;
    }
    if (grow((void **)&names->bytes, &names->capacity, names->used + size + 1, 1) ||
        grow((void **)&names->ends, &names->ends_capacity, names->count + 1, sizeof(size_t)))
        return ENOMEM;
    if (size) memcpy(names->bytes + names->used, text, size);
    names->used += size;
    names->ends[names->count++] = names->used;
    names->slots[slot] = (uint32_t)names->count;
    *number = (uint32_t)names->count - 1;
    return 0;
}

void names_forget(Names *names) {
    names->count = names->used = 0;
    if (names->mask) memset(names->slots, 0, (names->mask + 1) * sizeof *names->slots);
}

void names_free(Names *names) {
    free(names->bytes);
    free(names->ends);
    free(names->slots);
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

static size_t slot_of_row(const Reader *reader, const Row *row) {
    size_t slot = (size_t)mixed((uint64_t)row->answer ^ (uint64_t)row->request << 1) & reader->row_mask;
    for (; reader->row_slots[slot]; slot = (slot + 1) & reader->row_mask) {
        const Row *known = &reader->rows[reader->row_slots[slot] - 1];
        if (known->answer == row->answer && known->request == row->request) break;
    }
    return slot;
}

static int make_room(Reader *reader) {
    size_t rows = (size_t)reader->rows_count;
    if ((rows - reader->first_row) * 2 < reader->row_mask) return 0;
    size_t slots = reader->row_mask ? (reader->row_mask + 1) * 2 : FIRST_SLOTS;
    uint32_t *larger = calloc(slots, sizeof *larger);
    if (!larger) return ENOMEM;
    free(reader->row_slots);
    reader->row_slots = larger;
    reader->row_mask = slots - 1;
    for (size_t i = reader->first_row; i < rows; i++)
        reader->row_slots[slot_of_row(reader, &reader->rows[i])] = (uint32_t)i + 1;
    return 0;
}

/* Adds a copy, unless there is a better one of the same answer and request. */
int rows_offer(Reader *reader, const Row *row) {
    if (make_room(reader)) return ENOMEM;
    size_t slot = slot_of_row(reader, row);
    if (reader->row_slots[slot]) {
        Row *known = &reader->rows[reader->row_slots[slot] - 1];
        if (beats(row, known)) *known = *row;
        return 0;
    }
    int error = rows_append(reader, row);
    if (!error) reader->row_slots[slot] = (uint32_t)reader->rows_count;
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

static void free_slots(Reader *reader) {
    free(reader->row_slots);
    reader->row_slots = NULL;
    reader->row_mask = 0;
}

void rows_forget(Reader *reader) {
    reader->rows_count = 0;
    reader->first_row = 0;
    if (!reader->row_mask) return;
    if (reader->row_mask >= 64 * FIRST_SLOTS) /* clearing a large table takes longer than reading most files */
        free_slots(reader);
    else
        memset(reader->row_slots, 0, (reader->row_mask + 1) * sizeof *reader->row_slots);
}

/* Prepares for many files, for each of which the table is cleared. */
void rows_small_table(Reader *reader) {
    if (reader->row_mask >= FIRST_SLOTS) free_slots(reader);
}

/* Begins another file, none of whose answers has copies among the rows so far. */
void rows_of_next_file(Reader *reader) {
    size_t rows = (size_t)reader->rows_count;
    if (rows == reader->first_row) return;
    reader->first_row = rows;
    memset(reader->row_slots, 0, (reader->row_mask + 1) * sizeof *reader->row_slots);
}

/* Adds a copy that Python has read, or only checks whether it would be added. Returns 1 if so, 0 if
 * there is a better one, or a negative error number. */
API int reader_offer(Reader *reader, const Row *row, int is_question) {
    if (make_room(reader)) return -ENOMEM;
    size_t slot = slot_of_row(reader, row);
    int is_taken = !reader->row_slots[slot] || beats(row, &reader->rows[reader->row_slots[slot] - 1]);
    return is_question || !is_taken ? is_taken : rows_offer(reader, row) ? -ENOMEM : 1;
}

/* Adds an answer that has no copies. Returns 0, or a negative error number. */
API int reader_append(Reader *reader, const Row *row) { return -rows_append(reader, row); }

/* Returns the value of `Row.session` for a session, or 0 if out of memory. */
API uint32_t reader_session(Reader *reader, const uint8_t *name, size_t size) {
    uint32_t number;
    return names_find(&reader->sessions, name, size, &number) ? 0 : number + 1;
}
