/* Adds up packed sums for a report: tokens and costs of each model in each row.
 *
 * It does the work of metering/slices.py's Tally, with the same additions in the same order, so that
 * costs are the same to the last bit. (Multiplication and addition must not be fused.) */
#include <string.h>

#include "reader.h"

enum { TOKENS = 5 };

/* One packed sum, see ledger/sums/packing.py. Reasoning is in the bits that variant and price class leave
 * free. */
typedef struct {
    uint64_t variant, price_class;
    int64_t tokens[TOKENS];
    double recorded_cost;
    int64_t web_searches, answers, first_ms, last_ms, limit_reset_ms, first_offset;
} PackedSum;

/* What a variant costs in a price class. */
enum { CALCULATED = 0, RECORDED = 1, UNKNOWN = 2 };
typedef struct {
    int64_t variant, price_class;
    double rates[TOKENS], factor, web_search;
    int64_t how;
    int64_t label; /* its model's number in the report; variants may share one */
    int64_t from_ms, until_ms; /* when it holds; the end is exclusive */
} Price;

enum { VARIANT_BITS = 32, CLASS_BITS = 16, LOW_BITS = 63 - CLASS_BITS };

static int64_t variant_of(const PackedSum *sum) {
    return (int64_t)(sum->variant & ((UINT64_C(1) << VARIANT_BITS) - 1));
}

static int64_t class_of(const PackedSum *sum) {
    return (int64_t)(sum->price_class & ((UINT64_C(1) << CLASS_BITS) - 1));
}

static int64_t reasoning_of(const PackedSum *sum) {
    return (int64_t)(sum->variant >> VARIANT_BITS << LOW_BITS | sum->price_class >> CLASS_BITS);
}

/* The share of one model in a total. */
typedef struct {
    int64_t tokens[TOKENS];
    double cost;
    int64_t answers, is_priced, label, reasoning;
    int64_t next; /* the number of the next one in the same total, plus 1 */
} Share;

/* The total of one row of the report; if `first` is 0, nothing was added. */
typedef struct {
    int64_t tokens[TOKENS];
    double cost;
    int64_t answers, web_searches;
    double web_search_cost;
    int64_t first_ms, last_ms, limit_reset_ms, reasoning;
    int64_t shares;      /* how many there are with a label to show */
    int64_t first, last; /* the numbers of its shares, plus 1 */
} Total;

static int is_price_of(const Price *price, const PackedSum *sum) {
    return price->variant == variant_of(sum) && price->price_class == class_of(sum) &&
           price->from_ms <= sum->first_ms && sum->first_ms < price->until_ms;
}

static const Price *price_of(const Price *prices, int64_t count, const PackedSum *sum) {
    for (const Price *price = prices; price < prices + count; price++)
        if (is_price_of(price, sum)) return price;
    return NULL;
}

static Share *share_of(Total *total, Share *shares, int64_t *used, int64_t label) {
    int64_t number = total->first;
    while (number && shares[number - 1].label != label) number = shares[number - 1].next;
    if (number) return &shares[number - 1];
    Share *share = &shares[(*used)++];
    memset(share, 0, sizeof *share);
    share->label = label;
    share->is_priced = 1;
    if (total->last)
        shares[total->last - 1].next = *used;
    else
        total->first = *used;
    total->last = *used;
    return share;
}

static void add(Total *total, Share *share, const PackedSum *sum, const Price *price, int is_first) {
    const int64_t *tokens = sum->tokens;
    const double *rates = price->rates;
    for (int kind = 0; kind < TOKENS; kind++) share->tokens[kind] += tokens[kind];
    share->answers += sum->answers;
    share->reasoning += reasoning_of(sum);
    if (price->how == RECORDED) {
        share->cost += sum->recorded_cost;
    } else if (price->how == UNKNOWN) {
        share->is_priced = 0;
    } else {
        double cost = (double)tokens[0] * rates[0];
        for (int kind = 1; kind < TOKENS; kind++) cost += (double)tokens[kind] * rates[kind];
        share->cost += cost * price->factor;
    }
    if (is_first || sum->first_ms < total->first_ms) total->first_ms = sum->first_ms;
    if (is_first || sum->last_ms > total->last_ms) total->last_ms = sum->last_ms;
    if (sum->limit_reset_ms > total->limit_reset_ms) total->limit_reset_ms = sum->limit_reset_ms;
    if (sum->web_searches) {
        total->web_searches += sum->web_searches;
        total->web_search_cost += (double)sum->web_searches * price->web_search;
    }
    total->answers += sum->answers;
}

/* Adds up sums in their order.
 *
 * data: the packed sums
 * counts, rows: of each run of sums, how many there are, and the row of the report
 * prices: all that occur
 * hidden: the label that no row shows; its share counts in the totals
 * totals: one for each row
 * shares, ordered: room for as many as there are sums; `ordered` gets those of the rows one after the
 * other
 *
 * missing: gets the variant, the price class and the first moment of a sum that has no price
 *
 * Returns how many there are in `ordered`, or -1 if a sum has no price. */
API int64_t totals_add_up(const uint8_t *data, const int64_t *counts, const int64_t *rows, int64_t runs,
                          const Price *prices, int64_t prices_count, int64_t hidden, Total *totals,
                          int64_t totals_count, Share *shares, Share *ordered, int64_t *missing) {
    int64_t used = 0, shown = 0;
    const Price *price = NULL;
    memset(totals, 0, sizeof(Total) * (size_t)totals_count);
    for (int64_t i = 0; i < totals_count; i++) totals[i].limit_reset_ms = NO_RESET;
    for (int64_t run = 0; run < runs; run++) {
        Total *total = &totals[rows[run]];
        for (int64_t i = 0; i < counts[run]; i++, data += sizeof(PackedSum)) {
            PackedSum sum;
            memcpy(&sum, data, sizeof sum);
            if (!price || !is_price_of(price, &sum)) price = price_of(prices, prices_count, &sum);
            if (!price) {
                missing[0] = variant_of(&sum);
                missing[1] = class_of(&sum);
                missing[2] = sum.first_ms;
                return -1;
            }
            int is_first = !total->first;
            add(total, share_of(total, shares, &used, price->label), &sum, price, is_first);
        }
    }
    for (Total *total = totals; total < totals + totals_count; total++) {
        for (int64_t number = total->first; number; number = shares[number - 1].next) {
            const Share *share = &shares[number - 1];
            for (int kind = 0; kind < TOKENS; kind++) total->tokens[kind] += share->tokens[kind];
            total->cost += share->cost;
            total->reasoning += share->reasoning;
            if (share->label == hidden) continue;
            ordered[shown++] = *share;
            total->shares++;
        }
    }
    return shown;
}
