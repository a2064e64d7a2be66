/* Decides which copies of answers stay, as metering/settling.py does. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"
#include "table.h"

#define FIRST_ANSWERS 64
/* As many as `Beaten` has bits. With more, Python decides. */
#define MOST_ROOTS 64

/* The verdicts, as in metering/settling.py. */
enum { STAYS = 0, LOST = 1, DISPUTED = 2 };

/* Answers of one file; a `Source` of metering/settling.py. */
typedef struct {
    const uint8_t *answers, *columns;
    const uint8_t *shadows; /* four bytes for each answer; NULL if none has one */
    uint8_t *verdicts;      /* the result: one for each answer */
    int64_t columns_size, count, file;
    uint32_t root, order; /* the root's number; the file's place among all, in path order */
    uint32_t is_held, unused;
} Source;

/* A copy that lost against one in another file. */
typedef struct {
    int64_t file, answer, offset, winner;
} LostCopy;

/* A copy that stays, though there are others in other roots. */
typedef struct {
    uint32_t source, row;
    uint64_t roots; /* a bit for each root with a better one */
} Beaten;

/* A copy that stays, and other tools that a copy called which lost against it. */
typedef struct {
    uint32_t source, row;
    int64_t tools;
} Called;

/* A copy of an answer of which there are several. */
typedef struct {
    uint64_t answer, request, total, offset;
    int64_t tools;
    uint32_t root, flags, order, is_shadowed;
    uint32_t source, row;
    uint32_t is_new, unused;
} Copy;

/* An answer of new sources, and how often it is in them. */
typedef struct {
    uint64_t answer;
    uint64_t copies;
} Known;

typedef struct {
    const Source *sources;
    Packed *packed;
    size_t count;
    Table table; /* of `known`, by answer */
    Known *known;
    size_t known_count;
    Copy *copies;
    size_t copies_count;
    LostCopy *lost;
    size_t lost_count, lost_capacity;
    Beaten *beaten;
    size_t beaten_count, beaten_capacity;
    Called *called;
    size_t called_count, called_capacity;
} Settling;

static int is_known(const void *of, uint32_t number, const void *what) {
    return ((const Known *)of)[number].answer == *(const uint64_t *)what;
}

static Known *find_known(const Settling *all, uint64_t answer) {
    uint32_t *slot = table_find(&all->table, mixed(answer), is_known, all->known, &answer);
    return *slot ? &all->known[*slot - 1] : NULL;
}

/* Counts the copies of each new answer. */
static int count_copies(Settling *all, size_t new_rows) {
    size_t slots = 64;
    while (slots < new_rows * 2) slots *= 2;
    all->known = malloc((new_rows + 1) * sizeof *all->known);
    all->table = (Table){calloc(slots, sizeof *all->table.slots), slots - 1};
    if (!all->known || !all->table.slots) return ENOMEM;
    for (size_t i = 0; i < all->count; i++) {
        if (all->sources[i].is_held) continue;
        for (size_t row = 0; row < all->packed[i].count; row++) {
            uint64_t answer = packed_answer(&all->packed[i], row);
            uint32_t *slot = table_find(&all->table, mixed(answer), is_known, all->known, &answer);
            if (!*slot) {
                all->known[all->known_count++] = (Known){answer, 0};
                *slot = (uint32_t)all->known_count;
            }
            all->known[*slot - 1].copies++;
        }
    }
    for (size_t i = 0; i < all->count; i++) {
        if (!all->sources[i].is_held) continue;
        for (size_t row = 0; row < all->packed[i].count; row++) {
            Known *known = find_known(all, packed_answer(&all->packed[i], row));
            if (known) known->copies++;
        }
    }
    return 0;
}

static Copy copy_of(const Settling *all, size_t source, size_t row, int64_t tools) {
    const Packed *packed = &all->packed[source];
    const Column *columns = packed->columns;
    const Source *of = &all->sources[source];
    uint32_t shadow = 0;
    if (of->shadows) memcpy(&shadow, of->shadows + row * sizeof shadow, sizeof shadow);
    uint64_t total = 0;
    for (int i = COLUMN_INPUT; i <= COLUMN_CACHE_READ; i++) total += packed_value(&columns[i], row);
    return (Copy){
        .answer = packed_answer(packed, row),
        .request = packed_value(&columns[COLUMN_REQUEST], row),
        .total = total,
        .offset = packed_value(&columns[COLUMN_OFFSET], row),
        .tools = tools,
        .root = of->root,
        .flags = (uint32_t)packed_value(&columns[COLUMN_FLAGS], row),
        .order = of->order,
        .is_shadowed = shadow != 0,
        .source = (uint32_t)source,
        .row = (uint32_t)row,
        .is_new = !of->is_held,
    };
}

/* Collects the copies of answers that have several. */
static int collect_copies(Settling *all) {
    size_t count = 0;
    for (size_t i = 0; i < all->known_count; i++)
        if (all->known[i].copies > 1) count += (size_t)all->known[i].copies;
    all->copies = malloc((count + 1) * sizeof *all->copies);
    if (!all->copies) return ENOMEM;
    for (size_t i = 0; i < all->count && count; i++) {
        const Packed *packed = &all->packed[i];
        Runs runs = {.at = packed->tools_runs, .values = packed->tools_values};
        for (size_t row = 0; row < packed->count; row++) {
            int64_t tools = runs_next(&runs);
            const Known *known = find_known(all, packed_answer(packed, row));
            if (known && known->copies > 1) all->copies[all->copies_count++] = copy_of(all, i, row, tools);
        }
    }
    return 0;
}

#define COMPARE(one, other) \
    if ((one) != (other)) return (one) < (other) ? -1 : 1

/* The rule of metering/entry.py's `rank`. */
static int by_rank(const Copy *a, const Copy *b) {
    COMPARE(a->flags & IS_SIDECHAIN, b->flags & IS_SIDECHAIN);
    COMPARE(b->total, a->total);
    COMPARE(b->flags & IS_REFUSED, a->flags & IS_REFUSED);
    COMPARE(b->flags & HAS_SPEED, a->flags & HAS_SPEED);
    COMPARE(a->order, b->order);
    COMPARE(a->offset, b->offset);
    return 0;
}

/* Orders copies by answer, request and root, then by rank; of equal ones, which are one entry that was
 * read again, the one that is known longest comes first. */
static int in_order(const void *left, const void *right) {
    const Copy *a = left, *b = right;
    COMPARE(a->answer, b->answer);
    COMPARE(a->request, b->request);
    COMPARE(a->root, b->root);
    int order = by_rank(a, b);
    if (order) return order;
    COMPARE(a->is_new, b->is_new);
    COMPARE(a->source, b->source);
    COMPARE(a->row, b->row);
    return 0;
}

static int note_lost(Settling *all, const Copy *copy, const Copy *winner) {
    int64_t file = all->sources[copy->source].file, other = all->sources[winner->source].file;
    if (file == other) return 0;
    if (grow((void **)&all->lost, &all->lost_capacity, all->lost_count + 1, sizeof *all->lost)) return ENOMEM;
    all->lost[all->lost_count++] = (LostCopy){file, (int64_t)copy->answer, (int64_t)copy->offset, other};
    return 0;
}

static int note_called(Settling *all, const Copy *copy, const Copy *winner) {
    if (copy->tools == winner->tools || (copy->tools <= NO_TOOLS && winner->tools)) return 0;
    if (grow((void **)&all->called, &all->called_capacity, all->called_count + 1, sizeof *all->called)) return ENOMEM;
    all->called[all->called_count++] = (Called){winner->source, winner->row, copy->tools};
    return 0;
}

static void put(const Settling *all, const Copy *copy, uint8_t verdict) {
    all->sources[copy->source].verdicts[copy->row] = verdict;
}

/* Decides which of the best copies in several roots, all of one request, beat which. */
static int note_beaten(Settling *all, const Copy **best, size_t count) {
    for (size_t i = 0; i < count; i++) {
        Beaten beaten = {best[i]->source, best[i]->row, 0};
        for (size_t j = 0; j < count; j++)
            if (by_rank(best[j], best[i]) < 0) beaten.roots |= 1ull << best[j]->root;
        if (grow((void **)&all->beaten, &all->beaten_capacity, all->beaten_count + 1, sizeof beaten)) return ENOMEM;
        all->beaten[all->beaten_count++] = beaten;
    }
    return 0;
}

/* Decides about the copies of one answer. */
static int settle_answer(Settling *all, const Copy *copies, size_t count) {
    const Copy *best[MOST_ROOTS];
    size_t roots = 0;
    int is_shadowed = 0, is_disputed = copies[0].request != copies[count - 1].request;
    const Copy *winner = NULL;
    for (const Copy *copy = copies; copy < copies + count; copy++) {
        is_shadowed |= copy->is_shadowed != 0;
        if (winner && copy->root == winner->root && copy->request == winner->request) {
            put(all, copy, LOST);
            if (note_lost(all, copy, winner) || note_called(all, copy, winner)) return ENOMEM;
            continue;
        }
        winner = copy;
        if (!is_disputed) best[roots++] = copy; /* there are no more than roots, as the request is the same */
    }
    for (size_t i = 0; i < count && is_disputed; i++) {
        const Copy *copy = &copies[i];
        if (!all->sources[copy->source].verdicts[copy->row]) put(all, copy, DISPUTED);
    }
    return !is_disputed && (roots > 1 || is_shadowed) ? note_beaten(all, best, roots) : 0;
}

static int settle(Settling *all) {
    size_t new_rows = 0;
    for (size_t i = 0; i < all->count; i++) {
        const Source *source = &all->sources[i];
        if (source->count < 0 || source->columns_size < 0 || source->root >= MOST_ROOTS) return EINVAL;
        size_t count = (size_t)source->count;
        int error = packed_open(&all->packed[i], source->answers, source->columns, (size_t)source->columns_size, count);
        if (error) return error;
        memset(source->verdicts, STAYS, count);
        if (!source->is_held) new_rows += count;
    }
    if (new_rows >= UINT32_MAX / 2) return EINVAL;
    if (count_copies(all, new_rows) || collect_copies(all)) return ENOMEM;
    if (all->copies_count) qsort(all->copies, all->copies_count, sizeof *all->copies, in_order);
    for (size_t start = 0, end; start < all->copies_count; start = end) {
        for (end = start + 1; end < all->copies_count && all->copies[end].answer == all->copies[start].answer;) end++;
        if (settle_answer(all, &all->copies[start], end - start)) return ENOMEM;
    }
    return 0;
}

/* Writes the verdicts on the answers of all sources. `lost` are the copies that lost against one in another
 * file; `beaten` those that stay, though there are others of the same request in other roots; `called` those
 * that are to call the tools of others, too. Returns 0, or a negative error number; all must be freed with
 * `copies_free`. */
API int copies_settle(const Source *sources, size_t count, LostCopy **lost, int64_t *lost_count, Beaten **beaten,
                      int64_t *beaten_count, Called **called, int64_t *called_count) {
    Settling all = {.sources = sources, .count = count, .packed = malloc((count + 1) * sizeof(Packed))};
    int error = all.packed ? settle(&all) : ENOMEM;
    free(all.packed);
    free(all.known);
    free(all.copies);
    table_free(&all.table);
    *lost = all.lost;
    *lost_count = (int64_t)all.lost_count;
    *beaten = all.beaten;
    *beaten_count = (int64_t)all.beaten_count;
    *called = all.called;
    *called_count = (int64_t)all.called_count;
    return -error;
}

API void copies_free(void *found) { free(found); }

/* A set of answers. */
typedef struct {
    uint64_t *answers;
    size_t count, capacity;
    Table table;
} Answers;

static uint64_t hash_of_answer(const void *of, uint32_t number) { return mixed(((const uint64_t *)of)[number]); }

static int is_answer(const void *of, uint32_t number, const void *what) {
    return ((const uint64_t *)of)[number] == *(const uint64_t *)what;
}

API Answers *answers_new(void) { return calloc(1, sizeof(Answers)); }

API void answers_free(Answers *set) {
    free(set->answers);
    table_free(&set->table);
    free(set);
}

/* Adds answers, and returns how many the set has, or a negative error number. */
API int64_t answers_add(Answers *set, const uint8_t *packed, size_t count) {
    uint64_t answer;
    for (; count; count--, packed += sizeof answer) {
        memcpy(&answer, packed, sizeof answer);
        if (set->count >= UINT32_MAX / 2 ||
            table_make_room(&set->table, 0, set->count, FIRST_ANSWERS, hash_of_answer, set->answers))
            return -ENOMEM;
        uint32_t *slot = table_find(&set->table, mixed(answer), is_answer, set->answers, &answer);
        if (*slot) continue;
        if (grow((void **)&set->answers, &set->capacity, set->count + 1, sizeof answer)) return -ENOMEM;
        set->answers[set->count++] = answer;
        *slot = (uint32_t)set->count;
    }
    return (int64_t)set->count;
}

/* Writes the rows of the packed answers that are in the set to `rows`, which has room for all of them, and
 * returns their number. */
API int64_t answers_common(const Answers *set, const uint8_t *packed, size_t count, uint32_t *rows) {
    uint64_t answer;
    int64_t found = 0;
    if (count > UINT32_MAX) return -EINVAL;
    for (uint32_t row = 0; row < count && set->count; row++) {
        memcpy(&answer, packed + row * sizeof answer, sizeof answer);
        if (*table_find(&set->table, mixed(answer), is_answer, set->answers, &answer)) rows[found++] = row;
    }
    return found;
}

/* Writes all answers in the set to `all`, which has room for them. */
API void answers_list(const Answers *set, uint8_t *all) {
    if (set->count) memcpy(all, set->answers, set->count * sizeof *set->answers);
}
