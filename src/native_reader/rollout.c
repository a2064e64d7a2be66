/* Reads a range of a rollout of Codex: the lines of logs/codex/answers.py in their usual form, as long as they are
 * the session's own. Every other line that may matter is handed to Python, in the order of the file. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <math.h>

#include "json.h"
#include "moment.h"
#include "reader.h"

#define XXH_INLINE_ALL
#include "vendor/xxhash.h"

#define SIZE(text) (sizeof(text) - 1)
#define KINDS 5 /* of tokens: logs/codex/counts.py's Counts */
#define NO_MS INT64_MIN

enum { INPUT, CACHED, WRITTEN, OUTPUT, REASONING };

/* What Python tells and takes back; see logs/codex/native.py. */
typedef struct {
    int64_t sum[KINDS], total[KINDS];
    int64_t last_ms;
    uint32_t has_total;
    uint32_t is_usual;   /* whether answers are the session's own, of one model, and its folder is known */
    uint32_t is_counted; /* whether there was an answer */
    uint32_t variant, attribution;
    uint32_t turn_size, model_size, effort_size;
    uint8_t turn[64], model[128], effort[32];
} Rollout;

/* What a line is judged by its beginning. */
enum { OTHER, COUNT, TURN, UNKNOWN };

typedef struct {
    int64_t last[KINDS], total[KINDS];
    int has_last, has_total, is_null;
} Info;

static const uint8_t *after(const uint8_t *at, const uint8_t *end, const char *text, size_t size) {
    return (size_t)(end - at) >= size && !memcmp(at, text, size) ? at + size : NULL;
}
#define AFTER(at, end, text) after(at, end, text, SIZE(text))

#define HEAD "{\"timestamp\":\""
#define STAMP_SIZE 24

/* Judges a line; `payload` is where its payload goes on. The rule of logs/codex/parser.py. */
static int kind_of(const uint8_t *start, const uint8_t *end, const uint8_t **payload) {
    if (end - start < 80 || memcmp(start, HEAD, SIZE(HEAD)) != 0) return UNKNOWN;
    const uint8_t *at = AFTER(start + SIZE(HEAD) + STAMP_SIZE, end, "\",\"type\":\"");
    if (!at || memchr(start + SIZE(HEAD), '"', STAMP_SIZE)) return UNKNOWN;
    if ((*payload = AFTER(at, end, "event_msg\",\"payload\":{\"type\":\""))) {
        at = *payload;
        if ((*payload = AFTER(at, end, "token_count\""))) return COUNT;
        const uint8_t *stop = end_of_text(at);
        return *stop != '"' || AFTER(at, end, "thread_settings_applied\"") ? UNKNOWN : OTHER;
    }
    if ((*payload = AFTER(at, end, "turn_context\",\"payload\":"))) return TURN;
    if (AFTER(at, end, "event_msg") || AFTER(at, end, "turn_context") || AFTER(at, end, "session_meta"))
        return UNKNOWN;
    return *end_of_text(at) == '"' ? OTHER : UNKNOWN;
}

/* Returns whether a line may matter; see logs/codex/parser.py: NEEDLES. */
static int has_needle(const uint8_t *start, const uint8_t *end) {
#define HAS(text) find_text(start, end, text, SIZE(text))
    return HAS("\"token_count\"") || HAS("\"turn_context\"") || HAS("\"session_meta\"") ||
           HAS("\"thread_settings_applied\"");
}

static const uint8_t *read_usage(const uint8_t *at, int64_t *counts) {
    unsigned seen = 0;
    memset(counts, 0, KINDS * sizeof *counts);
    OBJECT(at, key)
        uint32_t value = 0;
        int kind = IS(key, "input_tokens")                ? INPUT
                   : IS(key, "cached_input_tokens")       ? CACHED
                   : IS(key, "cache_write_input_tokens")  ? WRITTEN
                   : IS(key, "output_tokens")             ? OUTPUT
                   : IS(key, "reasoning_output_tokens")   ? REASONING
                   : IS(key, "total_tokens")              ? KINDS
                                                          : -1;
        if (kind < 0) return NULL;
        ONCE(kind);
        at = kind == KINDS ? number(at) : count(at, &value);
        if (kind < KINDS) counts[kind] = value;
    END_OBJECT(at)
    return seen ? at : NULL;
}

static const uint8_t *read_info(const uint8_t *at, Info *info) {
    unsigned seen = 0;
    OBJECT(at, key)
        if (IS(key, "last_token_usage")) {
            ONCE(0);
            at = read_usage(at, info->last);
            info->has_last = 1;
        } else if (IS(key, "total_token_usage")) {
            ONCE(1);
            at = read_usage(at, info->total);
            info->has_total = 1;
        } else if (IS(key, "model_context_window")) {
            at = any_value(at);
        } else {
            return NULL;
        }
    END_OBJECT(at)
    return at;
}

/* Skips a value that is mostly the same as `known`, the last one. The line ends at `end`. */
static const uint8_t *skip_known(const uint8_t *at, const uint8_t *end, Text *known) {
    if (known->size && (size_t)(end - at) >= known->size && !memcmp(at, known->at, known->size)) return at + known->size;
    const uint8_t *after_it = any_value(at);
    if (after_it) *known = (Text){at, (size_t)(after_it - at)};
    return after_it;
}

/* Reads what follows the type of a payload, up to the end of the line. */
static const uint8_t *read_count(const uint8_t *at, const uint8_t *end, Info *info, Text *limits) {
    unsigned seen = 0;
    *info = (Info){.is_null = 1};
    while (*at == ',') {
        Text key;
        if (!(at = plain_text(at + 1, &key)) || *at++ != ':') return NULL;
        if (IS(key, "info")) {
            ONCE(0);
            info->is_null = *at == 'n';
            at = *at == 'n' ? WORD(at, "null") : read_info(at, info);
        } else if (IS(key, "rate_limits")) {
            at = skip_known(at, end, limits);
        } else {
            return NULL;
        }
        if (!at) return NULL;
    }
    return at[0] == '}' && at[1] == '}' ? blanks(at + 2) : NULL;
}

static int64_t least(int64_t one, int64_t other) { return one < other ? one : other; }

static uint8_t *put(uint8_t *to, const char *text, size_t size) {
    memcpy(to, text, size);
    return to + size;
}

static uint8_t *put_number(uint8_t *to, int64_t value) {
    uint8_t digits[20], *at = digits + sizeof digits;
    do *--at = (uint8_t)('0' + value % 10);
    while (value /= 10);
    return put(to, (const char *)at, (size_t)(digits + sizeof digits - at));
}

/* Writes numbers like Python writes a tuple. */
static uint8_t *put_tuple(uint8_t *to, const int64_t *counts) {
    for (int kind = 0; kind < KINDS; kind++) {
        to = put(to, kind ? ", " : "(", kind ? 2 : 1);
        to = put_number(to, counts[kind]);
    }
    return put(to, ")", 1);
}

/* The hash of an answer; see logs/codex/answers.py. */
static int64_t answer_of(const Rollout *rollout, int64_t at_ms, const int64_t *last) {
    uint8_t text[400], *to = put(text, "codex:", 6);
    if (rollout->turn_size)
        to = put(to, (const char *)rollout->turn, rollout->turn_size);
    else
        to = put_number(to, at_ms);
    to = put_tuple(put(to, ":", 1), last);
    to = put_tuple(put(to, ":", 1), rollout->sum);
    return (int64_t)(XXH3_64bits_withSeed(text, (size_t)(to - text), 0) >> 1);
}

/* Takes in counters. Returns STOP_LINE for Python, or an error number, or 0. */
static int take_count(Reader *reader, Rollout *rollout, const uint8_t *start, const uint8_t *payload,
                      const uint8_t *end, Text *limits) {
    Info info;
    int64_t at_ms;
    if (read_count(payload, end, &info, limits) != end) return STOP_LINE;
    if (info.is_null) return 0;
    if (!rollout->is_usual || !info.has_last || !info.has_total) return STOP_LINE;
    if (!read_moment((Text){start + SIZE(HEAD), STAMP_SIZE}, &at_ms)) return STOP_LINE;
    if (rollout->has_total && !memcmp(info.total, rollout->total, sizeof info.total)) {
        rollout->last_ms = at_ms;
        return 0;
    }
    memcpy(rollout->total, info.total, sizeof info.total);
    memcpy(rollout->sum, info.total, sizeof info.total);
    rollout->has_total = 1;
    int64_t read = info.last[INPUT], cached = least(info.last[CACHED], read);
    int64_t written = least(info.last[WRITTEN], read - cached);
    if (!read && !info.last[OUTPUT]) return 0;
    rollout->is_counted = 1;
    rollout->last_ms = at_ms;
    int64_t answer = answer_of(rollout, at_ms, info.last);
    Row row = {
        .answer = answer,
        .request = answer,
        .at_ms = at_ms,
        .offset = reader->position + (start - reader->buffer),
        .limit_reset_ms = NO_RESET,
        .recorded_cost = NAN,
        .variant = rollout->variant,
        .attribution = rollout->attribution,
        .input = (uint32_t)(read - cached - written),
        .output = (uint32_t)info.last[OUTPUT],
        .cache_write_5m = (uint32_t)written,
        .cache_read = (uint32_t)cached,
        .reasoning = (uint32_t)least(info.last[REASONING], info.last[OUTPUT]),
    };
    return rows_offer(reader, &row);
}

static int is_ascii(Text text) {
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] <= ' ' || text.at[i] >= 0x7F) return 0;
    return 1;
}

static const uint8_t *read_turn(const uint8_t *at, Text *turn, Text *model, Text *effort) {
    unsigned seen = 0;
    OBJECT(at, key)
        if (IS(key, "turn_id")) {
            ONCE(0);
            at = plain_text(at, turn);
        } else if (IS(key, "model")) {
            ONCE(1);
            at = plain_text(at, model);
        } else if (IS(key, "effort")) {
            ONCE(2);
            at = plain_text(at, effort);
        } else if (IS(key, "model_name") || IS(key, "metadata")) {
            return NULL;
        } else {
            at = any_value(at);
        }
    END_OBJECT(at)
    return at;
}

/* Takes in a turn, if nothing but its id is new. Returns STOP_LINE for Python, or 0. */
static int take_turn(Rollout *rollout, const uint8_t *payload, const uint8_t *end) {
    Text turn = {NULL, 0}, model = {NULL, 0}, effort = {NULL, 0};
    const uint8_t *at = rollout->is_usual ? read_turn(payload, &turn, &model, &effort) : NULL;
    if (!at || *at != '}' || blanks(at + 1) != end || turn.size > sizeof rollout->turn || !is_ascii(turn) ||
        !model.size || !is_text(model, rollout->model, rollout->model_size) ||
        !is_text(effort, rollout->effort, rollout->effort_size))
        return STOP_LINE;
    if (turn.size) memcpy(rollout->turn, turn.at, turn.size);
    rollout->turn_size = (uint32_t)turn.size;
    return 0;
}

/* Reads the complete lines of the buffer from `next` on. */
static int read_lines(Reader *reader, Rollout *rollout) {
    const uint8_t *start = reader->buffer + reader->next, *whole = reader->buffer + reader->whole;
    Text limits = {NULL, 0}; /* of the last line with counters in the buffer */
    while (start < whole) {
        const uint8_t *end = memchr(start, '\n', (size_t)(whole - start)), *payload;
        int stop = 0;
        switch (kind_of(start, end, &payload)) {
        case COUNT: stop = take_count(reader, rollout, start, payload, end, &limits); break;
        case TURN: stop = take_turn(rollout, payload, end); break;
        case UNKNOWN: stop = has_needle(start, end) ? STOP_LINE : 0;
        }
        if (stop && stop != STOP_LINE) return -stop;
        reader->next = (size_t)(end + 1 - reader->buffer);
        if (stop) {
            reader->text = start;
            reader->size = end - start;
            reader->offset = reader->position + (start - reader->buffer);
            return STOP_LINE;
        }
        start = end + 1;
    }
    return STOP_END;
}

/* Continues reading until Python is needed, and returns the reason, or a negative error number. */
API int rollout_read(Reader *reader, Rollout *rollout) {
    for (;;) {
        int stop = read_lines(reader, rollout);
        if (stop != STOP_END) return stop;
        int filled = buffer_fill(reader);
        if (filled < 0) return filled;
        if (filled == 1) continue;
        reader->text = reader->buffer;
        reader->size = (int64_t)reader->filled;
        reader->offset = reader->position;
        return filled == STOP_HUGE ? STOP_HUGE : STOP_END;
    }
}

/* Starts reading a range of a file, then continues like `rollout_read`. */
API int rollout_begin(Reader *reader, Rollout *rollout, int fd, int64_t start, int64_t end) {
    if (reader_ready(reader)) return -ENOMEM;
    range_begin(reader, fd, start, end);
    return rollout_read(reader, rollout);
}

/* The size of what Python tells, which it compares with its own. */
API int rollout_size(void) { return (int)sizeof(Rollout); }
