/* Finds in a log whether it has lines with some ids; see logs/claude_code/notes.py. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <string.h>

#include "blocks.h"
#include "reader.h"

#define ID_KEY "\"uuid\":"
#define ID_KEY_SIZE 7
#define PIECE ((size_t)64 << 10)
/* A longer id is left to Python. */
#define MOST_ID ((size_t)2 << 10)

/* Returns whether an id stands here, after its key and at most one blank. */
static int is_line_id(const uint8_t *start, const uint8_t *at) {
    if (at > start && at[-1] == ' ') at--;
    return at - start >= ID_KEY_SIZE && !memcmp(at - ID_KEY_SIZE, ID_KEY, ID_KEY_SIZE);
}

static int has_line(const uint8_t *start, const uint8_t *end, const char *id, size_t size) {
    for (const uint8_t *from = start; from + size <= end; from += BLOCK)
        for (uint32_t bits = have_both(from, 1, id[1], 4, id[4]); bits; bits &= bits - 1) {
            const uint8_t *at = from + __builtin_ctz(bits);
            if ((size_t)(end - at) >= size && !memcmp(at, id, size) && is_line_id(start, at)) return 1;
        }
    return 0;
}

/* Finds which ids are those of lines in a file, all of which is read.
 *
 * `ids` has each id as it stands in the file, in quotation marks and followed by a zero; `are_found` is
 * written. Returns 0; or 1 if Python must do it: an id is very short or long, or the file cannot be read. */
API int reader_find_ids(int fd, const char *ids, size_t count, uint8_t *are_found) {
    uint8_t buffer[PIECE + MOST_ID + PADDING];
    size_t longest = 0, left = count, kept = 0;
    const char *id = ids;
    for (size_t i = 0; i < count; i++, id += strlen(id) + 1) {
        size_t size = strlen(id);
        if (size < 6 || size + ID_KEY_SIZE + 1 > MOST_ID) return 1;
        if (size > longest) longest = size;
    }
    memset(are_found, 0, count);
    memset(buffer, 0, sizeof buffer);
    for (int64_t offset = 0; left;) {
        int64_t size = file_read_at(fd, buffer + kept, PIECE, offset);
        if (size < 0) return 1;
        if (!size) break;
        offset += size;
        const uint8_t *end = buffer + kept + size;
        id = ids;
        for (size_t i = 0; i < count; i++, id += strlen(id) + 1)
            if (!are_found[i] && has_line(buffer, end, id, strlen(id))) {
                are_found[i] = 1;
                left--;
            }
        kept = longest + ID_KEY_SIZE;
        if (kept > (size_t)(end - buffer)) kept = (size_t)(end - buffer);
        memmove(buffer, end - kept, kept);
    }
    return 0;
}
