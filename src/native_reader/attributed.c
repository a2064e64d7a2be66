/* Sums up packed answers by labels of their circumstances, as metering/attributed_sums.py does. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"
#include "table.h"

#define FIRST_SUMS 256
#define LEFT_OUT (-1)
#define COMPARED(field) left->field != right->field ? (left->field < right->field ? -1 : 1) :
#define MOST_OFFSET INT64_C(0xFFFFFFFF) /* metering/session_names.py, limited_offset */

/* Numbers, ascending, and the label of each. 0 is the first of them. */
typedef struct {
    const int64_t *numbers;
    const int32_t *labels;
    size_t count;
} Labels;

/* What to sum up. `cuts` are the bounds of the ranges of time, one after the other. */
typedef struct {
    Labels attributions, aside, tools;
    const int64_t *cuts;
    size_t cuts_count;
    const uint32_t *shadows;
    size_t shadows_count;
    const int64_t *thresholds;
    size_t thresholds_count;
} Wanted;

typedef struct {
    int64_t attribution, tools, range, session, variant, price_class; /* the key */
    int64_t input, output, cache_write_5m, cache_write_1h, cache_read;
    double recorded_cost;
    int64_t web_searches, answers, first_ms, last_ms, limit_reset_ms, first_offset, reasoning;
} LabelledSum;

/* Sums with the same labels, range of time and session, which follow one another. */
typedef struct {
    int64_t attribution, tools, range, session, count;
} SumsRun;

/* By what sums are ordered; `kind` is the place of the variant among all. */
typedef struct {
    int64_t attribution, tools, range, session, first_ms, first_offset, kind, price_class;
    size_t number;
} Order;

typedef struct {
    LabelledSum *sums;
    size_t count, capacity;
    Table table;
    int32_t *labels; /* of the values of the answers that are being added */
    size_t labels_capacity;
    SumsRun *runs;
    uint8_t *packed;
} Adder;

static uint64_t hash_of(const LabelledSum *sum) {
    uint64_t hash = mixed((uint64_t)sum->session << 32 ^ (uint64_t)sum->range);
    hash = mixed(hash ^ (uint64_t)sum->variant << 16 ^ (uint64_t)sum->price_class);
    return mixed(hash ^ (uint64_t)sum->attribution << 32 ^ (uint64_t)sum->tools);
}

static uint64_t hash_of_sum(const void *of, uint32_t number) { return hash_of((const LabelledSum *)of + number); }

static int has_key(const LabelledSum *sum, const LabelledSum *key) {
    return !memcmp(sum, key, offsetof(LabelledSum, input));
}

static int is_sum(const void *of, uint32_t number, const void *what) {
    return has_key((const LabelledSum *)of + number, what);
}

/* Returns the sum with the same key, or NULL if out of memory. A new one begins with `key`. */
static LabelledSum *sum_of(Adder *adder, const LabelledSum *key) {
    if (table_make_room(&adder->table, 0, adder->count, FIRST_SUMS, hash_of_sum, adder->sums)) return NULL;
    uint32_t *found = table_find(&adder->table, hash_of(key), is_sum, adder->sums, key);
    if (*found) return &adder->sums[*found - 1];
    if (grow((void **)&adder->sums, &adder->capacity, adder->count + 1, sizeof *key)) return NULL;
    *found = (uint32_t)++adder->count;
    LabelledSum *sum = &adder->sums[adder->count - 1];
    *sum = *key;
    return sum;
}

static int32_t label_of(const Labels *labels, int64_t number) {
    size_t first = 0, end = labels->count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (labels->numbers[middle] < number) first = middle + 1;
        else end = middle;
    }
    return labels->labels[first < labels->count && labels->numbers[first] == number ? first : 0];
}

/* The index of the range that contains a moment, or -1. */
static int64_t range_of(const Wanted *wanted, int64_t at_ms) {
    size_t first = 0, end = wanted->cuts_count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (wanted->cuts[middle] <= at_ms) first = middle + 1;
        else end = middle;
    }
    return first % 2 ? (int64_t)(first / 2) : -1;
}

static int counts(const Wanted *wanted, const uint8_t *shadows, size_t row) {
    uint32_t shadow = 0;
    if (shadows) memcpy(&shadow, shadows + row * sizeof shadow, sizeof shadow);
    for (size_t i = 0; i < wanted->shadows_count; i++)
        if (wanted->shadows[i] == shadow) return 1;
    return 0;
}

/* Writes the labels of 0, 1 and some values. */
static void look_up(int32_t *to, const Labels *labels, const uint8_t *values, size_t count) {
    to[0] = label_of(labels, 0);
    to[1] = label_of(labels, 1);
    for (size_t i = 0; i < count; i++) {
        int64_t value;
        memcpy(&value, values + i * sizeof value, sizeof value);
        to[i + 2] = label_of(labels, value);
    }
}

/* Like `runs_next`, but returns the position of the next value. */
static inline size_t next_position(Runs *runs) {
    if (!runs->at) return 0;
    if (!runs->left) {
        uint64_t run = runs_number(&runs->at);
        runs->value = (int64_t)(run / 2);
        runs->left = run % 2 ? runs_number(&runs->at) + 2 : 1;
    }
    runs->left--;
    return (size_t)runs->value;
}

static void add_row(LabelledSum *sum, const Packed *packed, size_t row, int64_t at_ms, int64_t offset, double cost) {
    sum->input += (int64_t)packed_value(&packed->columns[COLUMN_INPUT], row);
    sum->output += (int64_t)packed_value(&packed->columns[COLUMN_OUTPUT], row);
    sum->cache_write_5m += (int64_t)packed_value(&packed->columns[COLUMN_CACHE_WRITE_5M], row);
    sum->cache_write_1h += (int64_t)packed_value(&packed->columns[COLUMN_CACHE_WRITE_1H], row);
    sum->cache_read += (int64_t)packed_value(&packed->columns[COLUMN_CACHE_READ], row);
    sum->web_searches += (int64_t)packed_value(&packed->columns[COLUMN_WEB_SEARCHES], row);
    sum->answers++;
    if (at_ms < sum->first_ms) sum->first_ms = at_ms;
    if (at_ms > sum->last_ms) sum->last_ms = at_ms;
    if (offset < sum->first_offset) sum->first_offset = offset;
    if (!isnan(cost)) sum->recorded_cost += cost;
    if (packed->resets.bytes) {
        int64_t reset_ms = (int64_t)packed_value(&packed->resets, row);
        if (reset_ms > sum->limit_reset_ms) sum->limit_reset_ms = reset_ms;
    }
    if (packed->reasoning.bytes) sum->reasoning += (int64_t)packed_value(&packed->reasoning, row);
}

static int64_t context_of(const Packed *packed, size_t row) {
    return (int64_t)packed_value(&packed->columns[COLUMN_INPUT], row) +
           (int64_t)packed_value(&packed->columns[COLUMN_CACHE_WRITE_5M], row) +
           (int64_t)packed_value(&packed->columns[COLUMN_CACHE_WRITE_1H], row) +
           (int64_t)packed_value(&packed->columns[COLUMN_CACHE_READ], row);
}

API Adder *adder_new(void) { return calloc(1, sizeof(Adder)); }

API void adder_free(Adder *adder) {
    free(adder->sums);
    free(adder->labels);
    free(adder->runs);
    free(adder->packed);
    table_free(&adder->table);
    free(adder);
}

/* Adds the packed answers of one log.
 *
 * shadows: four bytes for each answer; NULL if none has one
 * session: its number
 * start: what is added to offsets in the log; 0 for a session's own log
 *
 * Returns 0, or a negative error number; then nothing was added, or the memory is exhausted. */
static int adder_add(Adder *adder, const Wanted *wanted, const uint8_t *columns, size_t size, size_t count,
                     const uint8_t *shadows, int64_t session, int64_t start) {
    Packed packed;
    if (packed_open(&packed, NULL, columns, size, count)) return -EINVAL;
    size_t attributions = packed.attribution_values_count + 2, tools = packed.tools_values_count + 2;
    if (grow((void **)&adder->labels, &adder->labels_capacity, 2 * attributions + tools, sizeof *adder->labels))
        return -ENOMEM;
    int32_t *main_labels = adder->labels, *aside_labels = main_labels + attributions;
    int32_t *tools_labels = aside_labels + attributions;
    look_up(main_labels, &wanted->attributions, packed.attribution_values, attributions - 2);
    look_up(aside_labels, &wanted->aside, packed.attribution_values, attributions - 2);
    look_up(tools_labels, &wanted->tools, packed.tools_values, tools - 2);
    Runs of_attributions = {.at = packed.attribution_runs}, of_tools = {.at = packed.tools_runs};
    LabelledSum *sum = NULL;
    for (size_t row = 0; row < count; row++) {
        size_t attribution = next_position(&of_attributions);
        int is_aside = packed_value(&packed.columns[COLUMN_FLAGS], row) & IS_SIDECHAIN;
        int32_t label = (is_aside ? aside_labels : main_labels)[attribution];
        int32_t tools_label = tools_labels[next_position(&of_tools)];
        if (label == LEFT_OUT || tools_label == LEFT_OUT || !counts(wanted, shadows, row)) continue;
        int64_t at_ms = (int64_t)packed_value(&packed.columns[COLUMN_AT_MS], row);
        int64_t range = range_of(wanted, at_ms);
        if (range < 0) continue;
        int64_t offset = (int64_t)packed_value(&packed.columns[COLUMN_OFFSET], row);
        if (start) offset = start + (offset < MOST_OFFSET ? offset : MOST_OFFSET);
        double cost = NAN;
        if (packed.costs.bytes) memcpy(&cost, packed.costs.at + row * sizeof cost, sizeof cost);
        int64_t context = context_of(&packed, row), price_class = !isnan(cost);
        for (size_t t = 0; t < wanted->thresholds_count && wanted->thresholds[t] < context; t++) price_class += 2;
        LabelledSum key = {
            .attribution = label,
            .tools = tools_label,
            .range = range,
            .session = session,
            .variant = (int64_t)packed_value(&packed.columns[COLUMN_VARIANT], row),
            .price_class = price_class,
            .first_ms = at_ms,
            .last_ms = at_ms,
            .limit_reset_ms = NO_RESET,
            .first_offset = offset,
        };
        if (!sum || !has_key(sum, &key)) {
            sum = sum_of(adder, &key);
            if (!sum) return -ENOMEM;
        }
        add_row(sum, &packed, row, at_ms, offset, cost);
    }
    return 0;
}

/* Packed answers of one log, see `adder_add`. */
typedef struct {
    const uint8_t *columns, *shadows;
    uint64_t size, count;
    int64_t session, start;
} PackedAnswers;

/* Adds the packed answers of several logs. `added` gets how many of them were, before the error that is
 * returned, if any. */
API int adder_add_all(Adder *adder, const Wanted *wanted, const PackedAnswers *all, size_t count, size_t *added) {
    for (*added = 0; *added < count; ++*added) {
        const PackedAnswers *one = &all[*added];
        int error = adder_add(adder, wanted, one->columns, one->size, one->count, one->shadows, one->session, one->start);
        if (error) return error;
    }
    return 0;
}

/* Returns the sums; they stay until more is added. */
API const LabelledSum *adder_sums(const Adder *adder, size_t *count) {
    *count = adder->count;
    return adder->sums;
}

/* One packed sum, see ledger/sums/packing.py: tokens of reasoning are in the free bits of the keys. */
enum { SUM_BYTES = 14 * 8, VARIANT_BITS = 32, CLASS_BITS = 16, LOW_BITS = 63 - CLASS_BITS };
_Static_assert(offsetof(LabelledSum, reasoning) - offsetof(LabelledSum, variant) == SUM_BYTES,
               "a sum has other fields when packed");

static void pack_sum(uint8_t *to, const LabelledSum *sum) {
    uint64_t high = (uint64_t)sum->reasoning >> LOW_BITS;
    uint64_t low = (uint64_t)sum->reasoning & (((uint64_t)1 << LOW_BITS) - 1);
    uint64_t keys[] = {(uint64_t)sum->variant | high << VARIANT_BITS,
                       (uint64_t)sum->price_class | low << CLASS_BITS};
    memcpy(to, &sum->variant, SUM_BYTES);
    memcpy(to, keys, sizeof keys);
}

static int compare(const void *one, const void *other) {
    const Order *left = one, *right = other;
    return COMPARED(attribution) COMPARED(tools) COMPARED(range) COMPARED(session) COMPARED(first_ms)
        COMPARED(first_offset) COMPARED(kind) COMPARED(price_class) 0;
}

static int64_t place_of(const int64_t *kinds, size_t count, int64_t variant) {
    size_t place = 0;
    while (place < count && kinds[place] != variant) place++;
    return (int64_t)place;
}

static int is_same_run(const Order *one, const Order *other) {
    return !memcmp(one, other, offsetof(Order, first_ms));
}

/* Packs the sums in runs, those of each in the order of time; nothing can be added afterwards.
 *
 * kinds: the numbers of variants, in the order of those with the same place in a log
 * runs, packed: get where the runs and the packed sums are, as long as the adder exists
 *
 * Returns how many runs there are, or a negative error number. */
API int64_t adder_pack(Adder *adder, const int64_t *kinds, size_t kinds_count, const SumsRun **runs,
                       const uint8_t **packed) {
    size_t count = adder->count, made = 0;
    free(adder->runs);
    free(adder->packed);
    adder->runs = malloc((count + 1) * sizeof *adder->runs);
    adder->packed = malloc((count + 1) * SUM_BYTES);
    Order *order = malloc((count + 1) * sizeof *order);
    if (!adder->runs || !adder->packed || !order) {
        free(order);
        return -ENOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        const LabelledSum *sum = &adder->sums[i];
        order[i] = (Order){sum->attribution, sum->tools, sum->range, sum->session, sum->first_ms, sum->first_offset,
                           place_of(kinds, kinds_count, sum->variant), sum->price_class, i};
    }
    qsort(order, count, sizeof *order, compare);
    for (size_t i = 0; i < count; i++) {
        const Order *at = &order[i];
        if (!i || !is_same_run(at, at - 1))
            adder->runs[made++] = (SumsRun){at->attribution, at->tools, at->range, at->session, 0};
        adder->runs[made - 1].count++;
        pack_sum(adder->packed + i * SUM_BYTES, &adder->sums[at->number]);
    }
    free(order);
    *runs = adder->runs;
    *packed = adder->packed;
    return (int64_t)made;
}
