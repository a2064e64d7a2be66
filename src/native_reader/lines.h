/* Reads the lines in a buffer. Included by one file for each instruction set. */
#include <errno.h>

#include "line.h"
#include "told.h"

#define XXH_INLINE_ALL
#include "vendor/xxhash.h"

/* logs/identities.py: the kinds of hashed texts */
#define AS_ANSWER 0
#define AS_REQUEST 1
#define AS_SESSION 2

#define REQUEST_KEY "\"requestId\":\""
#define FIRST_PART "\"content\":[{\"type\":\""
#define STOP_KEY "\"stop_reason\":\""
#define ID_KEY "\"id\":\""
#define ON_SIDECHAIN "\"isSidechain\":true"
#define ON_MAIN_CHAIN "\"isSidechain\":false"
#define RESULT_KEY "\"toolUseResult\""
#define AGENT_KEY "\"agentId\""
#define LIMIT_REACHED "Claude AI usage limit reached"
#define SIZE(text) (sizeof(text) - 1)

static int64_t hash_of(Text text, uint64_t kind) {
    return (int64_t)(XXH3_64bits_withSeed(text.at, text.size, kind) >> 1);
}

/* Returns the next call of a tool in a line, or NULL; see logs/claude_code/repeated_lines.py. */
static const uint8_t *next_call(const uint8_t *start, const uint8_t *from, const uint8_t *end) {
    for (const uint8_t *at = from; (at = find_call(at, end)); at++) {
        if (at[CALL_SIZE] == ':') continue; /* a key, as of a usage: "server_tool_use" */
        if ((size_t)(at - start) < SIZE(STOP_KEY) || memcmp(at - SIZE(STOP_KEY), STOP_KEY, SIZE(STOP_KEY)) != 0)
            return at;
    }
    return NULL;
}

static const uint8_t *after(const uint8_t *at, const uint8_t *end, const char *text, size_t size) {
    return at && (size_t)(end - at) >= size && !memcmp(at, text, size) ? at + size : NULL;
}
#define AFTER(at, end, text) after(at, end, text, SIZE(text))

/* Finds the tool that a line calls, if it calls one in the usual way, or none. Returns 0 if the line must be
 * read to know it. */
static int calls_usually(const uint8_t *start, const uint8_t *end, Text *tool) {
    const uint8_t *at = next_call(start, start, end);
    *tool = (Text){NULL, 0};
    if (!at) return 1;
    if ((size_t)(at - start) < SIZE(FIRST_PART) || memcmp(at - SIZE(FIRST_PART), FIRST_PART, SIZE(FIRST_PART)) != 0)
        return 0;
    const uint8_t *id = AFTER(at + CALL_SIZE, end, ",\"id\":\"");
    const uint8_t *name = id ? AFTER(end_of_text(id), end, "\",\"name\":\"") : NULL;
    if (!name) return 0;
    *tool = (Text){name, (size_t)(end_of_text(name) - name)};
    return tool->size && AFTER(name + tool->size, end, "\",\"input\":") && !next_call(start, at + 1, end);
}

/* Without a request, an answer is identified by more. */
static int has_request(const Repeated *before) { return before->usage.at[before->usage.size - 1] != '"'; }

/* Notes that an answer also calls a tool. Returns an error number, 0, or STOP_CALL for Python. */
static int call_again(Reader *reader, Text tool) {
    int64_t set;
    if (!reader->repeated.row) return STOP_CALL;
    if (tools_find(reader, &tool, 1, &set)) return ENOMEM;
    Row *row = &reader->rows[reader->repeated.row - 1];
    return tools_unite(reader, row->tools, set, &row->tools);
}

/* Returns whether a line repeats the answer before it; see logs/claude_code/repeated_lines.py. */
static int repeats(const Repeated *before, const uint8_t *start, const uint8_t *needle,
                   const uint8_t *end, Text *tool) {
    if (!before->name.size || (size_t)(end - needle) < before->usage.size ||
        memcmp(needle, before->usage.at, before->usage.size) != 0)
        return 0;
    for (const uint8_t *at = start; (at = find_text(at, needle, ID_KEY, SIZE(ID_KEY)));) {
        at += SIZE(ID_KEY);
        if ((size_t)(needle - at) <= before->name.size) return 0;
        if (at[before->name.size] == '"' && !memcmp(at, before->name.at, before->name.size))
            return calls_usually(start, end, tool) && (!tool->size || has_request(before)) &&
                   (!before->is_sidechain || (find_text(start, end, ON_SIDECHAIN, SIZE(ON_SIDECHAIN)) &&
                                              !find_text(start, end, ON_MAIN_CHAIN, SIZE(ON_MAIN_CHAIN))));
    }
    return 0;
}

/* Remembers the parts that the next line must have to repeat this one. */
static void note(Repeated *repeated, const Line *line, const uint8_t *needle, const uint8_t *end) {
    repeated->name.size = 0;
    if (!line->row.output || !isnan(line->row.recorded_cost)) return;
    const uint8_t *request = find_text(needle, end, REQUEST_KEY, SIZE(REQUEST_KEY));
    if (!request) return;
    request += SIZE(REQUEST_KEY);
    size_t size = line->request.size;
    if ((size_t)(end - request) <= size || request[size] != '"' ||
        memcmp(request, line->request.at, size) != 0)
        return;
    repeated->usage = (Text){needle, (size_t)(request - needle) + size};
    repeated->name = line->id;
    repeated->is_sidechain = (line->row.flags & IS_SIDECHAIN) != 0;
}

/* Notes the circumstances of a line's answer. Returns an error number, or 0. */
static int note_circumstances(Reader *reader, Line *line) {
    uint8_t told[2048], *to = told;
    uint32_t number;
    size_t size = CIRCUMSTANCES;
    for (int i = 0; i < CIRCUMSTANCES; i++) size += line->logged[i].size;
    if (size > sizeof told) return STOP_LINE; /* too long for names */
    for (int i = 0; i < CIRCUMSTANCES; i++) {
        if (line->logged[i].size) memcpy(to, line->logged[i].at, line->logged[i].size);
        to += line->logged[i].size;
        *to++ = '\n';
    }
    if (size > CIRCUMSTANCES) {
        if (names_find(&reader->attributions, told, size, &number)) return ENOMEM;
        line->row.attribution = (int64_t)number + 1;
    }
    return tools_find(reader, line->tools, line->tools_count, &line->row.tools);
}

/* Returns an error number, or 0. */
static int add_row(Reader *reader, Line *line) {
    uint8_t head[512];
    Text geo = line->geo;
    if (IS(geo, "global") || IS(geo, "not_available")) geo.size = 0; /* logs/claude_code/variants.py */
    size_t size = 5 + line->model.size + geo.size;
    if (size > sizeof head) return STOP_LINE; /* too long for a model's name */
    uint32_t model_size = (uint32_t)line->model.size;
    head[0] = (uint8_t)IS(line->speed, "fast");
    memcpy(head + 1, &model_size, 4);
    if (model_size) memcpy(head + 5, line->model.at, model_size);
    if (geo.size) memcpy(head + 5 + model_size, geo.at, geo.size);
    int error = names_find(&reader->variants, head, size, &line->row.variant);
    if (!error && line->session.at &&
        !is_text(line->session, reader->own_session.at, reader->own_session.size)) {
        error = names_find(&reader->sessions, line->session.at, line->session.size, &line->row.session);
        line->row.session++;
    }
    if (!error) error = note_circumstances(reader, line);
    if (error) return error;
    line->row.answer = hash_of(line->id, AS_ANSWER);
    line->row.request = line->request.at ? hash_of(line->request, AS_REQUEST) : hash_of(line->session, AS_SESSION);
    return rows_offer(reader, &line->row);
}

/* Returns whether Python must look at a line of the usual shape: an error that says when a limit ends, or an
 * answer without a request whose line repeats like one with an empty request. */
static int needs_care(const Line *line, const uint8_t *start, const uint8_t *needle, const uint8_t *end) {
    if (line->is_error && find_text(start, end, LIMIT_REACHED, SIZE(LIMIT_REACHED))) return 1;
    return !line->request.at && find_text(needle, end, REQUEST_KEY, SIZE(REQUEST_KEY));
}

static const uint8_t *skip_blanks(const uint8_t *at) {
    while (*at == ' ' || *at == '\t') at++;
    return at;
}

/* Returns whether a tool starts a subagent; see logs/claude_code/called_agents.py. */
static int starts_agent(Text tool) {
    return IS(tool, "Task") || IS(tool, "Agent") || (tool.size && memchr(tool.at, '\\', tool.size));
}

/* Keeps a line without an answer if it has the result of a subagent. Returns an error number, or 0. */
static int keep_result(Reader *reader, const uint8_t *start, const uint8_t *stop) {
    if (!find_text(start, stop, RESULT_KEY, SIZE(RESULT_KEY)) || !find_text(start, stop, AGENT_KEY, SIZE(AGENT_KEY)))
        return 0;
    return keep_told(reader, start, stop);
}

/* Keeps a line of an answer if it starts a subagent, or is the first to tell the type of its own, or the call
 * that has started it, as progress lines do. Returns an error number, or 0. */
static int keep_calls(Reader *reader, const Line *line, const uint8_t *start, const uint8_t *stop) {
    for (size_t i = 0; i < line->tools_count; i++)
        if (starts_agent(line->tools[i])) return keep_told(reader, start, stop);
    Text agent = line->logged[AGENT], type = line->agent_type;
    if (!agent.size || (!type.size && !line->is_inner)) return 0;
    uint64_t told = XXH3_64bits_withSeed(type.at, type.size, XXH3_64bits(agent.at, agent.size));
    if (!type.size) told = XXH3_64bits_withSeed(line->parent.at, line->parent.size, told);
    if (told == reader->noted_agent) return 0;
    reader->noted_agent = told;
    return keep_told(reader, start, stop);
}

/* Keeps a line for Python if it is a note; see logs/claude_code/notes.py. Returns an error number, or 0. */
static int keep_note(Reader *reader, const uint8_t *start, const uint8_t *end) {
    static const char *const kinds[] = {"summary\"", "ai-title\"", "custom-title\"", "pr-link\""};
    const uint8_t *at = skip_blanks(start + NOTE_START_SIZE);
    if (*at != ':') return 0;
    at = skip_blanks(at + 1);
    if (*at++ != '"') return 0;
    size_t kind = 0, kinds_count = sizeof kinds / sizeof *kinds;
    while (kind < kinds_count && strncmp((const char *)at, kinds[kind], strlen(kinds[kind]))) kind++;
    if (kind == kinds_count) return 0;
    return keep_line(reader, start, memchr(at, '\n', (size_t)(end - at)));
}

int LINES(Reader *reader) {
    const uint8_t *from = reader->buffer + reader->next, *end = reader->buffer + reader->whole;
    Line line;
    for (;;) {
        while (from < end && *from == '\n') from++;
        if (begins_like_note(from, end) && keep_note(reader, from, end)) return -ENOMEM;
        const uint8_t *needle = find_next(from, end);
        while (needle && needle[1] == STARTED[IN_STARTED + 1]) {
            const uint8_t *before = find_last(from, needle, '\n');
            const uint8_t *after = memchr(needle, '\n', (size_t)(end - needle));
            if (keep_result(reader, before ? before + 1 : from, after)) return -ENOMEM;
            needle = find_next(needle + 1, end);
        }
        if (!needle) break;
        if (*needle == '{') {
            from = needle;
            continue;
        }
        const uint8_t *newline = find_last(from, needle, '\n');
        const uint8_t *start = newline ? newline + 1 : from;
        const uint8_t *stop = memchr(needle, '\n', (size_t)(end - needle));
        from = stop + 1;
        Text tool;
        if (repeats(&reader->repeated, start, needle, stop, &tool)) {
            if (starts_agent(tool) && keep_told(reader, start, stop)) return -ENOMEM;
            int error = tool.size ? call_again(reader, tool) : 0;
            if (!error) continue;
            if (error != STOP_CALL) return -error;
            reader->text = tool.at;
            reader->size = (int64_t)tool.size;
            reader->next = (size_t)(from - reader->buffer);
            return STOP_CALL;
        }
        reader->repeated.name.size = 0;
        switch (read_line(start, &line)) {
        case LINE_USUAL: {
            line.row.offset = reader->position + (start - reader->buffer);
            int error = needs_care(&line, start, needle, stop) ? STOP_LINE : add_row(reader, &line);
            if (!error) {
                if (keep_calls(reader, &line, start, stop)) return -ENOMEM;
                if (!line.is_error) note(&reader->repeated, &line, needle, stop);
                reader->repeated.row = reader->last_row;
                break;
            }
            if (error != STOP_LINE) return -error;
        } /* fall through */
        case LINE_ODD:
            reader->text = start;
            reader->size = stop - start;
            reader->offset = reader->position + (start - reader->buffer);
            reader->next = (size_t)(from - reader->buffer);
            return STOP_LINE;
        default:
            if (keep_result(reader, start, stop)) return -ENOMEM;
        }
    }
    reader->next = reader->whole;
    return STOP_END;
}
