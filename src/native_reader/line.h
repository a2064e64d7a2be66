/* Parses one line of a log of the usual shape; see usual.py and lines.py in logs/claude_code. */
#ifndef SPENDLIGHT_LINE_H
#define SPENDLIGHT_LINE_H

#include <math.h>

#include "json.h"

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

/* With more, Python reads the line. */
#define MOST_TOOLS 8

typedef struct {
    Row row;
    Text logged[CIRCUMSTANCES], data_agent, tools[MOST_TOOLS];
    size_t tools_count;
    Text id, model, speed, geo, request, session, timestamp;
    uint32_t cache_creation;
    int has_split, has_usage, has_inner, is_inner, is_error;
    int is_odd; /* something other than the usage is unusual; Python decides whether it matters */
} Line;

enum { LINE_USUAL, LINE_ODD, LINE_NO_ANSWER };

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

static const uint8_t *read_usage(const uint8_t *at, Line *line) {
    uint32_t seen = 0;
    if (*at == 'n') return WORD(at, "null");
    line->has_usage = 1;
    OBJECT(at, key)
        if (IS(key, "input_tokens")) { ONCE(0); at = count(at, &line->row.input); }
        else if (IS(key, "output_tokens")) { ONCE(1); at = count(at, &line->row.output); }
        else if (IS(key, "cache_creation_input_tokens")) {
            ONCE(2);
            at = count_or_null(at, &line->cache_creation);
        } else if (IS(key, "cache_read_input_tokens")) {
            ONCE(3);
            at = count_or_null(at, &line->row.cache_read);
        } else if (IS(key, "cache_creation")) { ONCE(4); at = read_split(at, line); }
        else if (IS(key, "server_tool_use")) { ONCE(5); at = read_tools(at, line); }
        else if (IS(key, "speed")) { ONCE(6); at = text_or_null(at, &line->speed); }
        else if (IS(key, "inference_geo")) { ONCE(7); at = text_or_null(at, &line->geo); }
        else if (IS(key, "iterations")) {
            ONCE(8);
            at = line->is_inner ? any_value(at) : read_steps(at);
        } else if (IS(key, "service_tier")) {
            ONCE(9);
            at = logged_text(at, &line->logged[SERVICE_TIER], line);
        } else at = any_value(at);
    END_OBJECT(at)
    return (seen & 3) == 3 ? at : NULL;
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
            else if (*at == '{') { line->has_inner = 1; at = read_members(at, inner, NULL); }
            else { line->is_odd = 1; at = any_value(at); }
        }
    END_OBJECT(at)
    return at;
}

/* Returns which of the circumstances a member of a line tells, or -1. */
static int circumstance(Text key) {
    static const struct {
        const char *name;
        uint8_t size, field;
    } members[] = {
        {"cwd", 3, FOLDER},
        {"effort", 6, EFFORT},
        {"version", 7, VERSION},
        {"agentId", 7, AGENT},
        {"gitBranch", 9, BRANCH},
        {"entrypoint", 10, ENTRY_POINT},
        {"attributionSkill", 16, SKILL},
        {"attributionPlugin", 17, PLUGIN},
        {"attributionMcpTool", 18, MCP_TOOL},
        {"attributionMcpServer", 20, MCP_SERVER},
    };
    for (size_t i = 0; i < sizeof members / sizeof *members && members[i].size <= key.size; i++)
        if (is_text(key, members[i].name, members[i].size)) return members[i].field;
    return -1;
}

static const uint8_t *read_members(const uint8_t *at, Line *line, Line *inner) {
    uint32_t seen = 0;
    int told;
    OBJECT(at, key)
        if (IS(key, "message")) { ONCE(0); at = read_message(at, line); }
        else if (IS(key, "timestamp")) { ONCE(1); at = read_text(at, &line->timestamp, line); }
        else if (IS(key, "requestId")) { ONCE(2); at = read_text(at, &line->request, line); }
        else if (IS(key, "sessionId")) { ONCE(3); at = read_text(at, &line->session, line); }
        else if (IS(key, "isSidechain")) {
            ONCE(4);
            if (*at == 't') { line->row.flags |= IS_SIDECHAIN; at = WORD(at, "true"); }
            else if (*at == 'f') at = WORD(at, "false");
            else if (*at == 'n') at = WORD(at, "null");
            else { line->is_odd = 1; at = any_value(at); }
        } else if (IS(key, "costUSD")) {
            ONCE(5);
            if (*at == 'n') at = WORD(at, "null");
            else if (*at == '-' || is_digit(*at)) at = read_dollars(at, line);
            else { line->is_odd = 1; at = any_value(at); }
        } else if (IS(key, "isApiErrorMessage")) {
            ONCE(6);
            if (*at == 't') { line->is_error = 1; at = WORD(at, "true"); }
            else if (*at == 'f') at = WORD(at, "false");
            else if (*at == 'n') at = WORD(at, "null");
            else { line->is_odd = 1; at = any_value(at); }
        } else if (IS(key, "data")) { ONCE(7); at = read_data(at, line, inner); }
        else if ((told = circumstance(key)) >= 0) {
            ONCE(8 + told);
            at = logged_text(at, &line->logged[told], line);
        } else at = any_value(at);
    END_OBJECT(at)
    return at;
}

static int two_digits(const uint8_t *at, int *value) {
    if (!is_digit(at[0]) || !is_digit(at[1])) return 0;
    *value = (at[0] - '0') * 10 + at[1] - '0';
    return 1;
}

/* Reads a time in Claude Code's format, 2026-03-01T10:00:00.000Z, from 1970 to 2199. */
static int read_moment(Text text, int64_t *at_ms) {
    static const uint8_t days_of_month[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const uint8_t *at = text.at;
    int century, year, month, day, hour, minute, second, hundredths;
    if (text.size != 24 || at[4] != '-' || at[7] != '-' || at[10] != 'T' || at[13] != ':' ||
        at[16] != ':' || at[19] != '.' || at[23] != 'Z')
        return 0;
    if (!two_digits(at, &century) || !two_digits(at + 2, &year) || !two_digits(at + 5, &month) ||
        !two_digits(at + 8, &day) || !two_digits(at + 11, &hour) || !two_digits(at + 14, &minute) ||
        !two_digits(at + 17, &second) || !two_digits(at + 20, &hundredths) || !is_digit(at[22]))
        return 0;
    year += century * 100;
    if (year < 1970 || year > 2199 || month < 1 || month > 12 || day < 1 || hour > 23 ||
        minute > 59 || second > 59)
        return 0;
    int is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day > days_of_month[month - 1] + (month == 2 && is_leap)) return 0;
    /* days since 1970-01-01, calculated with years that begin in March */
    int from_march = month > 2 ? month - 3 : month + 9, shifted = month > 2 ? year : year - 1;
    int64_t days = (int64_t)shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 +
                   (153 * from_march + 2) / 5 + day - 1 - 719468;
    int ms = hundredths * 10 + at[22] - '0';
    *at_ms = ((days * 24 + hour) * 60 + minute) * 60000 + second * 1000 + ms;
    return 1;
}

static int is_ascii(Text text) {
    uint8_t all = 0;
    for (size_t i = 0; i < text.size; i++) all |= text.at[i];
    return all < 0x80;
}

static const Line NO_LINE = {.row = {.limit_reset_ms = NO_RESET, .recorded_cost = NAN}};

/* Parses a line into `line`, or the line that is embedded in it. */
static int read_line(const uint8_t *at, Line *line) {
    Line inner = NO_LINE;
    inner.is_inner = 1;
    *line = NO_LINE;
    at = read_members(blanks(at), line, &inner);
    if (!at || *blanks(at) != '\n') return LINE_ODD;
    if (!line->has_usage) {
        if (line->is_odd || inner.is_odd) return LINE_ODD;
        if (!line->has_inner || !inner.has_usage) return LINE_NO_ANSWER;
        if (line->session.size) inner.session = line->session;
        if (!inner.logged[AGENT].size) inner.logged[AGENT] = line->data_agent;
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
