/* Parses parts of JSON (RFC 8259). Each function takes the start of a value and returns its end, or
 * NULL if the value is not of the expected kind.
 *
 * The input ends in a newline, which no value can contain, so nothing is read beyond it. */
#ifndef SPENDLIGHT_JSON_H
#define SPENDLIGHT_JSON_H

#include "blocks.h"
#include "reader.h"

#define MAX_DEPTH 256

static inline int is_digit(uint8_t byte) { return byte >= '0' && byte <= '9'; }

static inline int is_hex(uint8_t byte) {
    return is_digit(byte) || ((byte | 32) >= 'a' && (byte | 32) <= 'f');
}

static inline const uint8_t *blanks(const uint8_t *at) {
    while (*at == ' ' || *at == '\t' || *at == '\r') at++;
    return at;
}

/* Skips the rest of a string, starting after its opening quotation mark. */
static inline const uint8_t *rest_of_text(const uint8_t *at) {
    for (;;) {
        at = end_of_text(at);
        if (*at == '"') return at + 1;
        if (*at != '\\') return NULL;
        switch (at[1]) {
        case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
            at += 2;
            break;
        case 'u':
            for (int i = 2; i < 6; i++)
                if (!is_hex(at[i])) return NULL;
            at += 6;
            break;
        default:
            return NULL;
        }
    }
}

/* Reads a string without escapes. */
static inline const uint8_t *plain_text(const uint8_t *at, Text *text) {
    if (*at != '"') return NULL;
    const uint8_t *end = end_of_text(++at);
    if (*end != '"') return NULL;
    text->at = at;
    text->size = (size_t)(end - at);
    return end + 1;
}

static inline const uint8_t *word(const uint8_t *at, const char *word, int size) {
    for (int i = 0; i < size; i++)
        if (at[i] != (uint8_t)word[i]) return NULL;
    return at + size;
}
#define WORD(at, text) word(at, text, (int)sizeof(text) - 1)

static inline const uint8_t *digits(const uint8_t *at) {
    if (!is_digit(*at)) return NULL;
    while (is_digit(*at)) at++;
    return at;
}

static inline const uint8_t *number(const uint8_t *at) {
    if (*at == '-') at++;
    at = *at == '0' ? at + 1 : digits(at);
    if (at && *at == '.') at = digits(at + 1);
    if (at && (*at | 32) == 'e') {
        at++;
        if (*at == '+' || *at == '-') at++;
        at = digits(at);
    }
    return at;
}

static inline const uint8_t *any_value(const uint8_t *at) {
    uint8_t closing[MAX_DEPTH];
    int depth = 0;
value:
    at = blanks(at);
    switch (*at) {
    case '"': at = rest_of_text(at + 1); break;
    case 't': at = WORD(at, "true"); break;
    case 'f': at = WORD(at, "false"); break;
    case 'n': at = WORD(at, "null"); break;
    case '{':
        if (depth == MAX_DEPTH) return NULL;
        at = blanks(at + 1);
        if (*at == '}') { at++; break; }
        closing[depth++] = '}';
        goto key;
    case '[':
        if (depth == MAX_DEPTH) return NULL;
        at = blanks(at + 1);
        if (*at == ']') { at++; break; }
        closing[depth++] = ']';
        goto value;
    default: at = number(at);
    }
    if (!at) return NULL;
behind_value:
    if (!depth) return at;
    at = blanks(at);
    if (*at == ',') {
        at = blanks(at + 1);
        if (closing[depth - 1] == ']') goto value;
        goto key;
    }
    if (*at != closing[depth - 1]) return NULL;
    at++;
    depth--;
    goto behind_value;
key:
    if (*at != '"' || !(at = rest_of_text(at + 1))) return NULL;
    at = blanks(at);
    if (*at != ':') return NULL;
    at++;
    goto value;
}

/* Reads a whole number from 0 to MAX_COUNT, written in digits only. */
static inline const uint8_t *count(const uint8_t *at, uint32_t *value) {
    const uint8_t *from = at;
    uint64_t found = 0;
    if (*at == '0') at++;
    else
        while (is_digit(*at) && at - from < 11) found = found * 10 + (uint64_t)(*at++ - '0');
    if (at == from || found > MAX_COUNT || is_digit(*at) || *at == '.' || (*at | 32) == 'e')
        return NULL;
    *value = (uint32_t)found;
    return at;
}

static inline const uint8_t *count_or_null(const uint8_t *at, uint32_t *value) {
    return *at == 'n' ? WORD(at, "null") : count(at, value);
}

static inline const uint8_t *text_or_null(const uint8_t *at, Text *text) {
    return *at == 'n' ? WORD(at, "null") : plain_text(at, text);
}

static inline int is_text(Text text, const void *word, size_t size) {
    return text.size == size && !memcmp(text.at, word, size);
}
#define IS(text, word) is_text(text, word, sizeof(word) - 1)

/* Visits each member of an object:
 *
 *     OBJECT(at, key)
 *         at = ...the end of the value that begins there, or NULL...
 *     END_OBJECT(at)
 *
 * Returns NULL from the function if the value is not an object or a key has escapes. */
#define OBJECT(at, key) \
    if (*at != '{') return NULL; \
    at = blanks(at + 1); \
    for (int is_open = *at != '}' || (at++, 0); is_open;) { \
        Text key; \
        if (!(at = plain_text(at, &key))) return NULL; \
        at = blanks(at); \
        if (*at != ':') return NULL; \
        at = blanks(at + 1);
#define END_OBJECT(at) \
        if (!at) return NULL; \
        at = blanks(at); \
        if (*at == ',') at = blanks(at + 1); \
        else if (*at == '}') { at++; is_open = 0; } \
        else return NULL; \
    }

/* Returns NULL from the function if a key is repeated: which of the values counts is undefined. */
#define ONCE(bit) \
    do { \
        if (seen & (1u << (bit))) return NULL; \
        seen |= 1u << (bit); \
    } while (0)

#endif
