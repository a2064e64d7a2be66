/* Parses one line of a log of the usual shape; see usual.py and lines.py in logs/claude_code. */
#ifndef SPENDLIGHT_LINE_H
#define SPENDLIGHT_LINE_H

#include <math.h>

#include "json.h"
#include "moment.h"

/* What a line says about the circumstances of its answer: the fields of metering/attribution.py. */
enum {
    FOLDER,
    BRANCH,
    AGENT,
    SKILL,
    PLUGIN,
    MCP_SERVER,
    MCP_TOOL,
    EFFORT,
    ENTRY_POINT,
    VERSION,
    SERVICE_TIER,
    CIRCUMSTANCES
};

/* The other members of a line that are read. */
enum { MESSAGE = CIRCUMSTANCES, TIMESTAMP, REQUEST, SESSION, SIDECHAIN, COST, API_ERROR, DATA, AGENT_TYPE, PARENT,
       OTHER };

/* A key's size and first byte, by which a switch finds the only name that it may be, and what it then is. */
#define KEY(size, first) ((size) << 8 | (first))
#define MEMBER(first, name, member) \
    case KEY(sizeof(name) - 1, first): \
        if (memcmp(key.at, name, sizeof(name) - 1)) break; \
        return member;

/* With more, Python reads the line. */
#define MOST_TOOLS 8

typedef struct {
    Row row;
    Text logged[CIRCUMSTANCES], agent_type, data_agent, parent, tools[MOST_TOOLS];
    size_t tools_count;
    Text id, model, speed, geo, request, session, timestamp;
    uint32_t cache_creation;
    int has_split, has_usage, has_inner, is_inner, is_error;
    int is_odd; /* something other than the usage is unusual; Python decides whether it matters */
} Line;

enum { LINE_USUAL, LINE_ODD, LINE_NO_ANSWER };

static const Line NO_LINE = {.row = {.limit_reset_ms = NO_RESET, .recorded_cost = NAN}};

static const uint8_t *read_split(const uint8_t *at, Line *line) {
    uint32_t seen = 0;
    if (*at == 'n') return WORD(at, "null");
    line->has_split = 1;
    OBJECT(at, key)
        if (IS(key, "ephemeral_5m_input_tokens")) {
            ONCE(0);
            at = count_or_null(at, &line->row.cache_write_5m);
        } else if (IS(key, "ephemeral_1h_input_tokens")) {
            ONCE(1);
            at = count_or_null(at, &line->row.cache_write_1h);
        } else at = any_value(at);
    END_OBJECT(at)
    return at;
}

static const uint8_t *read_tools(const uint8_t *at, Line *line) {
    uint32_t seen = 0;
    if (*at == 'n') return WORD(at, "null");
    OBJECT(at, key)
        if (IS(key, "web_search_requests")) {
            ONCE(0);
            at = count_or_null(at, &line->row.web_searches);
        } else at = any_value(at);
    END_OBJECT(at)
    return at;
}

/* Skips the steps of an answer, if all are attempts of the model that answered. */
static const uint8_t *read_steps(const uint8_t *at) {
    if (*at == 'n') return WORD(at, "null");
    if (*at != '[') return NULL;
    at = blanks(at + 1);
    if (*at == ']') return at + 1;
    for (;;) {
        uint32_t seen = 0;
        Text kind = {NULL, 0};
        OBJECT(at, key)
            if (IS(key, "type")) {
                ONCE(0);
                at = plain_text(at, &kind);
            } else at = any_value(at);
        END_OBJECT(at)
        if (!kind.at || !IS(kind, "message")) return NULL;
        at = blanks(at);
        if (*at == ']') return at + 1;
        if (*at != ',') return NULL;
        at = blanks(at + 1);
    }
}

/* Reads a string as it stands there, or null; another type of value makes the line odd. */
static const uint8_t *logged_text(const uint8_t *at, Text *text, Line *line) {
    if (*at == '"') {
        const uint8_t *end = rest_of_text(at + 1);
        if (end) *text = (Text){at + 1, (size_t)(end - at - 2)};
        return end;
    }
    if (*at != 'n') line->is_odd = 1;
    return any_value(at);
}

/* Reads a part of an answer's content; see logs/claude_code/circumstances.py. */
static const uint8_t *read_part(const uint8_t *at, Line *line) {
    uint32_t seen = 0;
    Text kind = {NULL, 0}, name = {NULL, 0};
    OBJECT(at, key)
        if (IS(key, "type")) { ONCE(0); at = logged_text(at, &kind, line); }
        else if (IS(key, "name")) { ONCE(1); at = logged_text(at, &name, line); }
        else at = any_value(at);
    END_OBJECT(at)
    if (!kind.size || !name.size) return at;
    if (memchr(kind.at, '\\', kind.size)) line->is_odd = 1;
    if (!IS(kind, "tool_use") && !IS(kind, "server_tool_use") && !IS(kind, "mcp_tool_use")) return at;
    if (line->tools_count == MOST_TOOLS) line->is_odd = 1;
    else line->tools[line->tools_count++] = name;
    return at;
}

static const uint8_t *read_content(const uint8_t *at, Line *line) {
    if (*at != '[') return any_value(at);
    at = blanks(at + 1);
    if (*at == ']') return at + 1;
    for (;;) {
        at = *at == '{' ? read_part(at, line) : any_value(at);
        if (!at) return NULL;
        at = blanks(at);
        if (*at == ']') return at + 1;
        if (*at != ',') return NULL;
        at = blanks(at + 1);
    }
}

enum { INPUT, OUTPUT, CACHE_CREATION, CACHE_READ, SPLIT, SERVER_TOOLS, SPEED, GEO, STEPS, TIER, NO_USAGE };

/* Returns which member of a usage a key names. */
static unsigned usage_member(Text key) {
    switch (KEY(key.size, *key.at)) {
        MEMBER('s', "speed", SPEED)
        MEMBER('i', "iterations", STEPS)
        MEMBER('i', "input_tokens", INPUT)
        MEMBER('s', "service_tier", TIER)
        MEMBER('o', "output_tokens", OUTPUT)
        MEMBER('i', "inference_geo", GEO)
        MEMBER('c', "cache_creation", SPLIT)
        MEMBER('s', "server_tool_use", SERVER_TOOLS)
        MEMBER('c', "cache_read_input_tokens", CACHE_READ)
        MEMBER('c', "cache_creation_input_tokens", CACHE_CREATION)
    }
    return NO_USAGE;
}

static const uint8_t *read_usage(const uint8_t *at, Line *line) {
    uint32_t seen = 0;
    if (*at == 'n') return WORD(at, "null");
    line->has_usage = 1;
    OBJECT(at, key)
        unsigned member = usage_member(key);
        if (member != NO_USAGE) ONCE(member);
        switch (member) {
        case INPUT: at = count(at, &line->row.input); break;
        case OUTPUT: at = count(at, &line->row.output); break;
        case CACHE_CREATION: at = count_or_null(at, &line->cache_creation); break;
        case CACHE_READ: at = count_or_null(at, &line->row.cache_read); break;
        case SPLIT: at = read_split(at, line); break;
        case SERVER_TOOLS: at = read_tools(at, line); break;
        case SPEED: at = text_or_null(at, &line->speed); break;
        case GEO: at = text_or_null(at, &line->geo); break;
        case STEPS: at = line->is_inner ? any_value(at) : read_steps(at); break;
        case TIER: at = logged_text(at, &line->logged[SERVICE_TIER], line); break;
        default: at = any_value(at);
        }
    END_OBJECT(at)
    return (seen & (1u << INPUT | 1u << OUTPUT)) == (1u << INPUT | 1u << OUTPUT) ? at : NULL;
}

/* Reads why an answer ended, if that does not affect its cost. */
static const uint8_t *read_stop_reason(const uint8_t *at, Line *line) {
    Text reason = {NULL, 0};
    const uint8_t *end = text_or_null(at, &reason);
    if (!end) {
        line->is_odd = 1;
        return any_value(at);
    }
    if (reason.at && !IS(reason, "tool_use") && !IS(reason, "end_turn") &&
        !IS(reason, "stop_sequence") && !IS(reason, "max_tokens") && !IS(reason, "pause_turn"))
        line->is_odd = 1;
    return end;
}

/* Reads a string; escapes or another type of value make the line odd. */
static const uint8_t *read_text(const uint8_t *at, Text *text, Line *line) {
    const uint8_t *end = text_or_null(at, text);
    if (end) return end;
    line->is_odd = 1;
    return any_value(at);
}

static const uint8_t *read_message(const uint8_t *at, Line *line) {
    uint32_t seen = 0;
    if (*at == 'n') return WORD(at, "null");
    if (*at != '{') {
        line->is_odd = 1;
        return any_value(at);
    }
    OBJECT(at, key)
        if (IS(key, "usage")) { ONCE(0); at = read_usage(at, line); }
        else if (IS(key, "id")) { ONCE(1); at = read_text(at, &line->id, line); }
        else if (IS(key, "model")) { ONCE(2); at = read_text(at, &line->model, line); }
        else if (IS(key, "stop_reason")) { ONCE(3); at = read_stop_reason(at, line); }
        else if (IS(key, "content")) { ONCE(4); at = read_content(at, line); }
        else at = any_value(at);
    END_OBJECT(at)
    return at;
}

/* Reads a finite number that is exact in a double: 15 digits, and a power of ten up to 22 (Clinger,
 * "How to read floating point numbers accurately", 1990). The C library's function depends on the
 * locale. */
static const uint8_t *read_dollars(const uint8_t *at, Line *line) {
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const uint8_t *end = number(at);
    if (!end) return NULL;
    int is_negative = *at == '-', fraction = 0, is_fraction = 0, used = 0;
    uint64_t found = 0;
    for (at += is_negative; at < end; at++) {
        if (*at == '.') { is_fraction = 1; continue; }
        if (!is_digit(*at)) { line->is_odd = 1; return end; } /* has an exponent */
        found = found * 10 + (uint64_t)(*at - '0');
        fraction += is_fraction;
        if ((used += used || *at != '0') > 15 || fraction > 22) { line->is_odd = 1; return end; }
    }
    double value = (double)found / powers[fraction];
    if (value > MAX_DOLLARS || (is_negative && !found)) line->is_odd = 1;
    line->row.recorded_cost = is_negative ? -value : value;
    return end;
}

static const uint8_t *read_members(const uint8_t *at, Line *line, Line *inner);

/* Reads the line of a subagent that is embedded in a progress line. */
static const uint8_t *read_data(const uint8_t *at, Line *line, Line *inner) {
    uint32_t seen = 0;
    if (*at == 'n') return WORD(at, "null");
    if (*at != '{' || !inner) {
        line->is_odd = 1;
        return any_value(at);
    }
    OBJECT(at, key)
        if (IS(key, "agentId")) { ONCE(1); at = logged_text(at, &line->data_agent, line); }
        else if (!IS(key, "message")) { at = any_value(at); }
        else {
            ONCE(0);
            if (*at == 'n') at = WORD(at, "null");
            else if (*at == '{') {
                line->has_inner = 1;
                *inner = NO_LINE;
                inner->is_inner = 1;
                at = read_members(at, inner, NULL);
            }
            else { line->is_odd = 1; at = any_value(at); }
        }
    END_OBJECT(at)
    return at;
}

/* Returns which member of a line a key names; the first ones are circumstances. */
static unsigned line_member(Text key) {
    switch (KEY(key.size, *key.at)) {
        MEMBER('c', "cwd", FOLDER)
        MEMBER('d', "data", DATA)
        MEMBER('e', "effort", EFFORT)
        MEMBER('v', "version", VERSION)
        MEMBER('a', "agentId", AGENT)
        MEMBER('m', "message", MESSAGE)
        MEMBER('c', "costUSD", COST)
        MEMBER('g', "gitBranch", BRANCH)
        MEMBER('t', "timestamp", TIMESTAMP)
        MEMBER('r', "requestId", REQUEST)
        MEMBER('s', "sessionId", SESSION)
        MEMBER('e', "entrypoint", ENTRY_POINT)
        MEMBER('i', "isSidechain", SIDECHAIN)
        MEMBER('p', "parentToolUseID", PARENT)
        MEMBER('a', "attributionSkill", SKILL)
        MEMBER('a', "attributionPlugin", PLUGIN)
        MEMBER('i', "isApiErrorMessage", API_ERROR)
        MEMBER('a', "attributionMcpTool", MCP_TOOL)
        MEMBER('a', "attributionMcpServer", MCP_SERVER)
    }
    return IS(key, "attributionAgent") ? AGENT_TYPE : OTHER; /* as long as another name */
}

/* Reads true, false or null; another value makes the line odd. */
static const uint8_t *read_flag(const uint8_t *at, int *is_true, Line *line) {
    switch (*at) {
    case 't': *is_true = 1; return WORD(at, "true");
    case 'f': return WORD(at, "false");
    case 'n': return WORD(at, "null");
    default: line->is_odd = 1; return any_value(at);
    }
}

static const uint8_t *read_members(const uint8_t *at, Line *line, Line *inner) {
    uint32_t seen = 0;
    int is_sidechain = 0;
    OBJECT(at, key)
        unsigned member = line_member(key);
        if (member != OTHER && member != PARENT) ONCE(member);
        switch (member) {
        case MESSAGE: at = read_message(at, line); break;
        case TIMESTAMP: at = read_text(at, &line->timestamp, line); break;
        case REQUEST: at = read_text(at, &line->request, line); break;
        case SESSION: at = read_text(at, &line->session, line); break;
        case SIDECHAIN:
            at = read_flag(at, &is_sidechain, line);
            if (is_sidechain) line->row.flags |= IS_SIDECHAIN;
            break;
        case COST:
            if (*at == 'n') at = WORD(at, "null");
            else if (*at == '-' || is_digit(*at)) at = read_dollars(at, line);
            else { line->is_odd = 1; at = any_value(at); }
            break;
        case API_ERROR: at = read_flag(at, &line->is_error, line); break;
        case DATA: at = read_data(at, line, inner); break;
        case AGENT_TYPE: at = logged_text(at, &line->agent_type, line); break;
        case PARENT: line->parent.at = at; at = any_value(at);
            if (at) line->parent.size = (size_t)(at - line->parent.at);
            break;
        case OTHER: at = any_value(at); break;
        default: at = logged_text(at, &line->logged[member], line);
        }
    END_OBJECT(at)
    return at;
}

static int is_ascii(Text text) {
    uint8_t all = 0;
    for (size_t i = 0; i < text.size; i++) all |= text.at[i];
    return all < 0x80;
}

/* Parses a line into `line`, or the line that is embedded in it. */
static int read_line(const uint8_t *at, Line *line) {
    Line inner; /* if there is one */
    *line = NO_LINE;
    at = read_members(blanks(at), line, &inner);
    if (!at || *blanks(at) != '\n') return LINE_ODD;
    if (!line->has_usage) {
        if (line->is_odd || (line->has_inner && inner.is_odd)) return LINE_ODD;
        if (!line->has_inner || !inner.has_usage) return LINE_NO_ANSWER;
        if (line->session.size) inner.session = line->session;
        if (!inner.logged[AGENT].size) inner.logged[AGENT] = line->data_agent;
        if (!inner.agent_type.size) inner.agent_type = line->agent_type;
        inner.parent = line->parent;
        for (int i = 0; i < CIRCUMSTANCES; i++)
            if (!inner.logged[i].size) inner.logged[i] = line->logged[i];
        *line = inner;
    }
    /* without a request, an answer is identified by its session */
    size_t identified = line->request.at ? line->request.size : line->session.size;
    if (line->is_odd || !line->id.size || !identified || !is_ascii(line->id) ||
        !is_ascii(line->request) || !is_ascii(line->model) || !is_ascii(line->geo) ||
        !is_ascii(line->session) || !read_moment(line->timestamp, &line->row.at_ms))
        return LINE_ODD;
    if (line->speed.size) {
        if (!IS(line->speed, "standard") && !IS(line->speed, "fast")) return LINE_ODD;
        line->row.flags |= HAS_SPEED;
    }
    if (!line->has_split) line->row.cache_write_5m = line->cache_creation;
    return LINE_USUAL;
}

#endif
