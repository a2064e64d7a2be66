/* The circumstances of answers: what lines say of them, and the tools that they call. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"
#include "table.h"

static int find_set(Reader *reader, const uint32_t *tools, size_t count, int64_t *set) {
    uint32_t number;
    if (names_find(&reader->tool_sets, (const uint8_t *)tools, count * sizeof *tools, &number)) return ENOMEM;
    *set = (int64_t)number + 1;
    return 0;
}

/* Returns the tools of a set, which is not 0. */
static Text tools_of(const Reader *reader, int64_t set) {
    const Names *sets = &reader->tool_sets;
    size_t start = set > 1 ? sets->ends[set - 2] : 0;
    return (Text){sets->bytes + start, sets->ends[set - 1] - start};
}

static uint32_t tool_at(Text tools, size_t at) {
    uint32_t tool;
    memcpy(&tool, tools.at + at, sizeof tool);
    return tool;
}

int tools_unite(Reader *reader, int64_t one, int64_t other, int64_t *set) {
    *set = one ? one : other;
    if (one == other || !one || !other) return 0;
    Text left = tools_of(reader, one), right = tools_of(reader, other);
    size_t most = (left.size + right.size) / sizeof(uint32_t), count = 0, i = 0, j = 0;
    if (grow((void **)&reader->united, &reader->united_capacity, most, sizeof(uint32_t))) return ENOMEM;
    while (i < left.size || j < right.size) {
        uint32_t a = i < left.size ? tool_at(left, i) : UINT32_MAX;
        uint32_t b = j < right.size ? tool_at(right, j) : UINT32_MAX;
        if (a <= b) i += sizeof a;
        if (b <= a) j += sizeof b;
        reader->united[count++] = a < b ? a : b;
    }
    return find_set(reader, reader->united, count, set);
}

int tools_find(Reader *reader, const Text *names, size_t count, int64_t *set) {
    *set = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t tool;
        int64_t alone;
        if (names_find(&reader->tools, names[i].at, names[i].size, &tool) ||
            find_set(reader, &tool, 1, &alone) || tools_unite(reader, *set, alone, set))
            return ENOMEM;
    }
    return 0;
}

void circumstances_drop(Reader *reader) {
    if (reader->attributions.count <= MOST_CIRCUMSTANCES && reader->tools.count <= MOST_CIRCUMSTANCES &&
        reader->tool_sets.count <= MOST_CIRCUMSTANCES)
        return;
    names_forget(&reader->attributions);
    names_forget(&reader->tools);
    names_forget(&reader->tool_sets);
    reader->circumstances_dropped++;
}

void circumstances_free(Reader *reader) {
    names_free(&reader->attributions);
    names_free(&reader->tools);
    names_free(&reader->tool_sets);
    free(reader->united);
}

/* Returns the value of `Row.tools` for some names, each followed by a newline, or a negative error number. */
API int64_t reader_tools(Reader *reader, const uint8_t *names, size_t size) {
    int64_t set = 0;
    for (const uint8_t *at = names, *end = names + size; at < end;) {
        const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));
        if (!newline) return -EINVAL;
        Text name = {at, (size_t)(newline - at)};
        int64_t alone;
        if (tools_find(reader, &name, 1, &alone) || tools_unite(reader, set, alone, &set)) return -ENOMEM;
        at = newline + 1;
    }
    return set;
}

/* Returns the value of `Row.attribution` for what a line says, or a negative error number. */
API int64_t reader_attribution(Reader *reader, const uint8_t *told, size_t size) {
    uint32_t number;
    if (names_find(&reader->attributions, told, size, &number)) return -ENOMEM;
    return (int64_t)number + 1;
}
