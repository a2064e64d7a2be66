/* A hash table of the numbers of things that are stored elsewhere. */
#ifndef SPENDLIGHT_TABLE_H
#define SPENDLIGHT_TABLE_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"

/* Clearing a larger table takes longer than reading most files. */
#define MOST_SLOTS_KEPT ((size_t)64 << 10)

/* The last step of MurmurHash3: every bit of the result depends on all bits. */
static inline uint64_t mixed(uint64_t value) {
    value = (value ^ value >> 33) * 0xFF51AFD7ED558CCDull;
    value = (value ^ value >> 33) * 0xC4CEB9FE1A85EC53ull;
    return value ^ value >> 33;
}

/* Returns the slot of the number for which `is_it` is true, otherwise an empty one. There must be room. */
static inline uint32_t *table_find(const Table *table, uint64_t hash,
                                   int (*is_it)(const void *of, uint32_t number, const void *what),
                                   const void *of, const void *what) {
    size_t slot = (size_t)hash & table->mask;
    while (table->slots[slot] && !is_it(of, table->slots[slot] - 1, what)) slot = (slot + 1) & table->mask;
    return &table->slots[slot];
}

/* Makes room for one more than the numbers from `first` to below `count`, all of which are in the table.
 * Returns 0 or an error number. */
static inline int table_make_room(Table *table, size_t first, size_t count, size_t first_slots,
                                  uint64_t (*hash_of)(const void *of, uint32_t number), const void *of) {
    if ((count - first) * 2 < table->mask) return 0;
    size_t slots = table->mask ? (table->mask + 1) * 2 : first_slots;
    uint32_t *larger = calloc(slots, sizeof *larger);
    if (!larger) return ENOMEM;
    free(table->slots);
    table->slots = larger;
    table->mask = slots - 1;
    for (size_t number = first; number < count; number++) {
        size_t slot = (size_t)hash_of(of, (uint32_t)number) & table->mask;
        while (larger[slot]) slot = (slot + 1) & table->mask;
        larger[slot] = (uint32_t)number + 1;
    }
    return 0;
}

static inline void table_free(Table *table) {
    free(table->slots);
    table->slots = NULL;
    table->mask = 0;
}

static inline void table_forget(Table *table) {
    if (table->mask >= MOST_SLOTS_KEPT)
        table_free(table);
    else if (table->mask)
        memset(table->slots, 0, (table->mask + 1) * sizeof *table->slots);
}

#endif
