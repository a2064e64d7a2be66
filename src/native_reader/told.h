/* Shortens lines to what logs/claude_code/called_agents.py reads of them: contents may be long. */
#ifndef SPENDLIGHT_TOLD_H
#define SPENDLIGHT_TOLD_H

#include <errno.h>

#include "line.h"

/* Names have at most 200 letters; each has at most 12 bytes, as two escapes. */
#define MOST_NAME_BYTES 2400
#define LETTERS_20 "xxxxxxxxxxxxxxxxxxxx"
#define TOO_LONG                                                                                        \
    "\"x" LETTERS_20 LETTERS_20 LETTERS_20 LETTERS_20 LETTERS_20 LETTERS_20 LETTERS_20 LETTERS_20 LETTERS_20 \
        LETTERS_20 "\""
#define MOST_LEVELS 32

static int put(Reader *reader, const void *text, size_t size) {
    size_t used = (size_t)reader->notes_size;
    if (grow((void **)&reader->notes, &reader->notes_capacity, used + size, 1)) return ENOMEM;
    memcpy(reader->notes + used, text, size);
    reader->notes_size = (int64_t)(used + size);
    return 0;
}

static int is_told(Text key) {
    switch (KEY(key.size, *key.at)) {
        MEMBER('i', "id", 1)
        MEMBER('d', "data", 1)
        MEMBER('t', "type", 1)
        MEMBER('n', "name", 1)
        MEMBER('i', "input", 1)
        MEMBER('m', "message", 1)
        MEMBER('c', "content", 1)
        MEMBER('a', "agentId", 1)
        MEMBER('a', "agentType", 1)
        MEMBER('t', "tool_use_id", 1)
        MEMBER('s', "subagent_type", 1)
        MEMBER('t', "toolUseResult", 1)
        MEMBER('p', "parentToolUseID", 1)
        MEMBER('a', "attributionAgent", 1)
    }
    return 0;
}

static const uint8_t *shorten(Reader *reader, const uint8_t *at, int level);

static const uint8_t *shorten_object(Reader *reader, const uint8_t *at, int level) {
    int has_more = 0, is_first = 1;
    if (put(reader, "{ ", 2)) return NULL; /* with a blank, so that it is no note */
    OBJECT(at, key)
        if (is_told(key)) {
            if ((!is_first && put(reader, ",", 1)) || put(reader, key.at - 1, key.size + 2) || put(reader, ":", 1))
                return NULL;
            is_first = 0;
            at = shorten(reader, at, level);
        } else {
            has_more = 1;
            at = any_value(at);
        }
    END_OBJECT(at)
    /* an empty object is not the same as one of which nothing is read */
    if (is_first && has_more && put(reader, "\"\":0", 4)) return NULL;
    return put(reader, "}", 1) ? NULL : at;
}

static const uint8_t *shorten_list(Reader *reader, const uint8_t *at, int level) {
    if (put(reader, "[", 1)) return NULL;
    at = blanks(at + 1);
    if (*at == ']') return put(reader, "]", 1) ? NULL : at + 1;
    for (;;) {
        at = shorten(reader, at, level);
        if (!at) return NULL;
        at = blanks(at);
        if (*at != ',' && *at != ']') return NULL;
        if (put(reader, at, 1)) return NULL;
        if (*at == ']') return at + 1;
        at = blanks(at + 1);
    }
}

/* Copies a value without what is not read. Returns its end, or NULL if there is no memory or Python must decide
 * whether it is one. */
static const uint8_t *shorten(Reader *reader, const uint8_t *at, int level) {
    if (level == MOST_LEVELS) return NULL;
    if (*at == '{') return shorten_object(reader, at, level + 1);
    if (*at == '[') return shorten_list(reader, at, level + 1);
    const uint8_t *end = any_value(at);
    if (!end) return NULL;
    int is_long = *at == '"' && end - at > MOST_NAME_BYTES + 2;
    int error = is_long ? put(reader, TOO_LONG, sizeof TOO_LONG - 1) : put(reader, at, (size_t)(end - at));
    return error ? NULL : end;
}

/* Keeps a line for Python. Returns an error number, or 0. */
static int keep_line(Reader *reader, const uint8_t *start, const uint8_t *stop) {
    size_t size = (size_t)(stop - start);
    if (size > MOST_NOTE) return 0;
    int64_t head[] = {reader->position + (start - reader->buffer), (int64_t)size};
    return put(reader, head, sizeof head) || put(reader, start, size) ? ENOMEM : 0;
}

/* Keeps what a line says about subagents for Python. Returns an error number, or 0. */
static int keep_told(Reader *reader, const uint8_t *start, const uint8_t *stop) {
    if ((size_t)(stop - start) > MOST_NOTE) return 0;
    int64_t before = reader->notes_size, head[] = {reader->position + (start - reader->buffer), 0};
    if (put(reader, head, sizeof head)) return ENOMEM;
    const uint8_t *end = shorten(reader, blanks(start), 0);
    if (!end || *blanks(end) != '\n') {
        reader->notes_size = before;
        return keep_line(reader, start, stop);
    }
    head[1] = reader->notes_size - before - (int64_t)sizeof head;
    memcpy(reader->notes + before, head, sizeof head);
    return 0;
}

#endif
