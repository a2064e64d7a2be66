/* Searches bytes block by block, with the widest instructions for which this file is compiled.
 *
 * A search may read up to PADDING bytes beyond its end. */
#ifndef SPENDLIGHT_BLOCKS_H
#define SPENDLIGHT_BLOCKS_H

#include <stdint.h>
#include <string.h>

#if defined(__AVX2__)
#include <immintrin.h>
#define BLOCK 32
static inline uint32_t ends_of_text(const uint8_t *at) {
    __m256i bytes = _mm256_loadu_si256((const __m256i *)at);
    __m256i found = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"')),
                                    _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\')));
    __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1F)), bytes);
    return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(found, control));
}
/* Looks up which second byte goes with the low bits of the fifth one, the `g` of a needle, the `t` of a note or
 * the `n` of an agent's start: fewer instructions than comparing each of the six. */
static inline uint32_t maybe_found(const uint8_t *at) {
    const __m256i seconds = _mm256_setr_epi8(-1, -1, -1, -1, '\n', -1, -1, 'u', -1, -1, -1, -1, -1, -1, 'A', -1,
                                             -1, -1, -1, -1, '\n', -1, -1, 'u', -1, -1, -1, -1, -1, -1, 'A', -1);
    __m256i second = _mm256_loadu_si256((const __m256i *)(at + 1));
    __m256i fifth = _mm256_loadu_si256((const __m256i *)(at + 4));
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(second, _mm256_shuffle_epi8(seconds, fifth)));
}
static inline uint32_t have_both(const uint8_t *at, int first, char one, int second, char other) {
    __m256i a = _mm256_loadu_si256((const __m256i *)(at + first));
    __m256i b = _mm256_loadu_si256((const __m256i *)(at + second));
    return (uint32_t)_mm256_movemask_epi8(_mm256_and_si256(_mm256_cmpeq_epi8(a, _mm256_set1_epi8(one)),
                                                           _mm256_cmpeq_epi8(b, _mm256_set1_epi8(other))));
}
#elif defined(__SSE2__)
#include <emmintrin.h>
#define BLOCK 16
static inline uint32_t ends_of_text(const uint8_t *at) {
    __m128i bytes = _mm_loadu_si128((const __m128i *)at);
    __m128i found = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                 _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(found, control));
}
static inline uint32_t maybe_found(const uint8_t *at) {
    __m128i second = _mm_loadu_si128((const __m128i *)(at + 1));
    __m128i fifth = _mm_loadu_si128((const __m128i *)(at + 4));
    __m128i needles = _mm_and_si128(_mm_cmpeq_epi8(second, _mm_set1_epi8('u')),
                                    _mm_cmpeq_epi8(fifth, _mm_set1_epi8('g')));
    __m128i notes = _mm_and_si128(_mm_cmpeq_epi8(second, _mm_set1_epi8('\n')),
                                  _mm_cmpeq_epi8(fifth, _mm_set1_epi8('t')));
    __m128i starts = _mm_and_si128(_mm_cmpeq_epi8(second, _mm_set1_epi8('A')),
                                   _mm_cmpeq_epi8(fifth, _mm_set1_epi8('n')));
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(needles, notes), starts));
}
static inline uint32_t have_both(const uint8_t *at, int first, char one, int second, char other) {
    __m128i a = _mm_loadu_si128((const __m128i *)(at + first));
    __m128i b = _mm_loadu_si128((const __m128i *)(at + second));
    return (uint32_t)_mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(a, _mm_set1_epi8(one)),
                                                     _mm_cmpeq_epi8(b, _mm_set1_epi8(other))));
}
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#define BLOCK 16
static inline uint32_t one_bit_each(uint8x16_t found) {
    static const uint8_t weights[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t bits = vandq_u8(found, vld1q_u8(weights));
    return (uint32_t)vaddv_u8(vget_low_u8(bits)) | (uint32_t)vaddv_u8(vget_high_u8(bits)) << 8;
}
static inline uint32_t ends_of_text(const uint8_t *at) {
    uint8x16_t bytes = vld1q_u8(at);
    uint8x16_t found = vorrq_u8(vceqq_u8(bytes, vdupq_n_u8('"')), vceqq_u8(bytes, vdupq_n_u8('\\')));
    return one_bit_each(vorrq_u8(found, vcltq_u8(bytes, vdupq_n_u8(0x20))));
}
static inline uint32_t maybe_found(const uint8_t *at) {
    uint8x16_t second = vld1q_u8(at + 1), fifth = vld1q_u8(at + 4);
    uint8x16_t needles = vandq_u8(vceqq_u8(second, vdupq_n_u8('u')), vceqq_u8(fifth, vdupq_n_u8('g')));
    uint8x16_t notes = vandq_u8(vceqq_u8(second, vdupq_n_u8('\n')), vceqq_u8(fifth, vdupq_n_u8('t')));
    uint8x16_t starts = vandq_u8(vceqq_u8(second, vdupq_n_u8('A')), vceqq_u8(fifth, vdupq_n_u8('n')));
    return one_bit_each(vorrq_u8(vorrq_u8(needles, notes), starts));
}
static inline uint32_t have_both(const uint8_t *at, int first, char one, int second, char other) {
    return one_bit_each(vandq_u8(vceqq_u8(vld1q_u8(at + first), vdupq_n_u8((uint8_t)one)),
                                 vceqq_u8(vld1q_u8(at + second), vdupq_n_u8((uint8_t)other))));
}
#else
#define BLOCK 8
static inline uint32_t ends_of_text(const uint8_t *at) {
    uint32_t bits = 0;
    for (int i = 0; i < BLOCK; i++)
        bits |= (uint32_t)(at[i] == '"' || at[i] == '\\' || at[i] < 0x20) << i;
    return bits;
}
static inline uint32_t maybe_found(const uint8_t *at) {
    uint32_t bits = 0;
    for (int i = 0; i < BLOCK; i++)
        bits |= (uint32_t)((at[i + 1] == 'u' && at[i + 4] == 'g') ||
                           (at[i + 1] == '\n' && at[i + 4] == 't') ||
                           (at[i + 1] == 'A' && at[i + 4] == 'n')) << i;
    return bits;
}
static inline uint32_t have_both(const uint8_t *at, int first, char one, int second, char other) {
    uint32_t bits = 0;
    for (int i = 0; i < BLOCK; i++)
        bits |= (uint32_t)(at[i + first] == (uint8_t)one && at[i + second] == (uint8_t)other) << i;
    return bits;
}
#endif

#define NEEDLE "\"usage\""
#define NEEDLE_SIZE 7

/* logs/claude_code/notes.py */
#define NOTE_START "{\"type\""
#define NOTE_START_SIZE 7

/* Returns whether what begins here, the start of a line, begins like a note. */
static inline int begins_like_note(const uint8_t *at, const uint8_t *end) {
    return end - at >= NOTE_START_SIZE && !memcmp(at, NOTE_START, NOTE_START_SIZE);
}

/* logs/claude_code/called_agents.py: what the result of a subagent contains that was only started */
#define STARTED "\"isAsync\":true"
#define STARTED_SIZE 14
/* Where the bytes are in it for which blocks are searched. */
#define IN_STARTED 2

/* Returns the start of the next needle, or of the next line that begins like a note, or `IN_STARTED` bytes
 * after the next `STARTED`, whichever comes first; or NULL if none begins before `end`. The line that begins
 * at `from`, or after an empty one there, is not looked at for a note. */
static inline const uint8_t *find_next(const uint8_t *from, const uint8_t *end) {
    const uint8_t *start = from;
    for (; from < end; from += BLOCK)
        for (uint32_t bits = maybe_found(from); bits; bits &= bits - 1) {
            const uint8_t *at = from + __builtin_ctz(bits);
            if (at[1] == '\n') {
                at += 2;
                if (begins_like_note(at, end)) return at;
            } else if (at[1] == 'A') {
                if (at - start >= IN_STARTED && end - at >= STARTED_SIZE - IN_STARTED &&
                    !memcmp(at - IN_STARTED, STARTED, STARTED_SIZE))
                    return at;
            } else if (end - at >= NEEDLE_SIZE && !memcmp(at, NEEDLE, NEEDLE_SIZE)) {
                return at;
            }
        }
    return NULL;
}

/* logs/claude_code/repeated_lines.py: how the type of a part ends that calls a tool */
#define CALL "tool_use\""
#define CALL_SIZE 9

/* Returns the start of the next call, or NULL if none begins before `end`. */
static inline const uint8_t *find_call(const uint8_t *from, const uint8_t *end) {
    for (; from < end; from += BLOCK)
        for (uint32_t bits = have_both(from, 4, '_', 8, '"'); bits; bits &= bits - 1) {
            const uint8_t *at = from + __builtin_ctz(bits);
            if (end - at >= CALL_SIZE && !memcmp(at, CALL, CALL_SIZE)) return at;
        }
    return NULL;
}

/* Returns the first quotation mark, backslash or control character. There must be one. */
static inline const uint8_t *end_of_text(const uint8_t *from) {
    for (;; from += BLOCK) {
        uint32_t bits = ends_of_text(from);
        if (bits) return from + __builtin_ctz(bits);
    }
}

static inline const uint8_t *find_last(const uint8_t *from, const uint8_t *end, uint8_t byte) {
#if defined(__GLIBC__)
    return memrchr(from, byte, (size_t)(end - from));
#else
    while (end-- > from)
        if (*end == byte) return end;
    return NULL;
#endif
}

/* Returns the first occurrence of `text`, which must not be empty, or NULL. */
static inline const uint8_t *find_text(const uint8_t *from, const uint8_t *end, const void *text,
                                       size_t size) {
#if defined(__GLIBC__)
    return memmem(from, (size_t)(end - from), text, size);
#else
    const uint8_t first = *(const uint8_t *)text;
    while ((size_t)(end - from) >= size) {
        const uint8_t *at = memchr(from, first, (size_t)(end - from) - size + 1);
        if (!at) return NULL;
        if (!memcmp(at, text, size)) return at;
        from = at + 1;
    }
    return NULL;
#endif
}

#endif
