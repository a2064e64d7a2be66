/* The native reader: reads a range of a log and packs the answers in it.
 *
 * It does the work of logs/claude_code/parser.py for lines of the usual shape; every other line is
 * handed to Python, one at a time, in the order of the file. Plain C ABI, no Python headers. Each
 * range is read by one thread; several threads can read different ranges at the same time. */
#ifndef SPENDLIGHT_READER_H
#define SPENDLIGHT_READER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the columns of the ledger are little-endian; big-endian machines use the Python reader"
#endif

#ifdef _WIN32
#define API __declspec(dllexport)
#else
#define API __attribute__((visibility("default")))
#endif

/* Increase this number whenever a structure or function used by Python changes. */
#define READER_ABI 12

/* How many bytes may be read beyond the end of a buffer: the size of the widest block. */
#define PADDING 64
#ifndef FIRST_CAPACITY /* tests use a small one */
#define FIRST_CAPACITY ((size_t)256 << 10)
#endif
/* A larger buffer, needed for a long line, is freed before the next range. */
#define MOST_KEPT ((size_t)1 << 20)
/* How many variants are remembered from range to range: far more than anybody uses. */
#define MOST_VARIANTS 1000
/* How many attributions, tools and sets of tools are remembered: a session may have hundreds of subagents. */
#define MOST_CIRCUMSTANCES 4000
/* logs/appended_lines.py: HUGE_LINE_BYTES */
#define HUGE_LINE ((size_t)8 << 20)
/* logs/claude_code/notes.py: MOST_NOTE_BYTES */
#define MOST_NOTE ((size_t)4 << 20)
/* With more bytes of notes than this, Python takes them before reading continues. */
#define MOST_NOTES ((int64_t)1 << 20)
/* logs/appended_lines.py: FINGERPRINT_BYTES */
#define FINGERPRINT_BYTES 1024
/* metering/entry.py: MAX_COUNT, MAX_DOLLARS */
#define MAX_COUNT 0xFFFFFFFFull
#define MAX_DOLLARS 1e6
/* metering/entry.py: IS_SIDECHAIN, HAS_SPEED, IS_REFUSED */
#define IS_SIDECHAIN 1u
#define HAS_SPEED 2u
#define IS_REFUSED 4u
/* metering/attribution.py: NO_TOOLS */
#define NO_TOOLS 1
/* metering/slices.py: QUARTER_MS */
#define QUARTER_MS 900000
/* metering/packed.py: the value for "no reset of a limit" */
#define NO_RESET (-1)

/* Why reading stopped. A negative value is the system's error number, negated. */
enum {
    STOP_END = 0,   /* the range has been read; `text` is a last line without a newline, or empty */
    STOP_LINE = 1,  /* `text` is a line for Python */
    STOP_HEAD = 2,  /* `text` is the beginning of the file, which is not that of a log */
    STOP_HUGE = 3,  /* the line at `offset` is too long for the buffer */
    STOP_NOTES = 4, /* `notes` are many; Python takes them and empties them */
    STOP_CALL = 5,  /* the answer of the last line that Python read also calls the tool `text` */
};

typedef struct {
    const uint8_t *at;
    size_t size;
} Text;

/* One copy of an answer; fields as in metering/entry.py's UsageEntry. */
typedef struct {
    int64_t answer, request, at_ms, offset, limit_reset_ms;
    double recorded_cost; /* NAN if none was recorded */
    int64_t attribution;  /* until the rows are packed, its number in `attributions`, plus 1; 0 for none */
    int64_t tools;        /* the same of `tool_sets` */
    uint32_t variant;     /* number in `variants`; Python assigns the higher numbers */
    uint32_t session;     /* number in `sessions`, plus 1; 0 for the session in the path */
    uint32_t flags;
    uint32_t input, output, cache_write_5m, cache_write_1h, cache_read, web_searches;
    uint32_t shadow; /* its number in the ledger; 0 for an answer that was just read */
    uint32_t reasoning, unused;
} Row;

/* The sum of the rows of one slot, variant, price class and shadow; see metering/packed.py's Sum. */
typedef struct {
    int64_t slot;
    uint32_t variant, price_class, shadow, unused;
    int64_t input, output, cache_write_5m, cache_write_1h, cache_read;
    double recorded_cost;
    int64_t web_searches, answers, first_ms, last_ms, limit_reset_ms, first_offset, reasoning;
} Sum;

/* A hash table of the numbers of things that are stored elsewhere; see table.h. */
typedef struct {
    uint32_t *slots; /* the numbers, plus 1; 0 is an empty slot */
    size_t mask;     /* the number of slots, minus 1; 0 if there are none */
} Table;

/* Texts, numbered in the order of their first occurrence. */
typedef struct {
    uint8_t *bytes;
    size_t used, capacity;
    size_t *ends; /* the end of each text in `bytes` */
    size_t count, ends_capacity;
    Table table;
} Names;

/* The first columns of packed answers: UsageEntry's integer fields in its order, without its answer and its
 * file, up to those that may be missing. */
enum {
    COLUMN_REQUEST,
    COLUMN_AT_MS,
    COLUMN_OFFSET,
    COLUMN_VARIANT,
    COLUMN_FLAGS,
    COLUMN_INPUT,
    COLUMN_OUTPUT,
    COLUMN_CACHE_WRITE_5M,
    COLUMN_CACHE_WRITE_1H,
    COLUMN_CACHE_READ,
    COLUMN_WEB_SEARCHES,
    COLUMNS
};

typedef struct {
    const uint8_t *at;
    size_t bytes; /* the size of each value; 0 if all are 0 */
} Column;

/* Packed answers, to be read; see metering/packed.py. */
typedef struct {
    size_t count;
    const uint8_t *answers;
    Column columns[COLUMNS];
    Column costs, resets, reasoning;
    const uint8_t *attribution_values, *tools_values; /* the values of runs, eight bytes each */
    size_t attribution_values_count, tools_values_count;
    const uint8_t *attribution_runs, *tools_runs; /* NULL if all are 0 */
} Packed;

/* Goes through the attributions or the tools of packed answers. */
typedef struct {
    const uint8_t *at, *values;
    uint64_t left; /* of the current run */
    int64_t value;
} Runs;

/* Different values, numbered in the order of their first occurrence. */
typedef struct {
    int64_t *all;
    size_t count, capacity;
    Table table;
} Values;

/* The parts that a line must share with the line before it to repeat its answer. */
typedef struct {
    Text usage; /* from "usage" up to the end of the request id */
    Text name;  /* the message id */
    size_t row; /* the answer's number in `rows`, plus 1; 0 if Python read it */
    int is_sidechain;
    uint8_t *own; /* a copy of both, once the buffer has been overwritten */
    size_t own_capacity;
} Repeated;

/* One of several logs that are read from their beginning to their end in one call. */
typedef struct {
    int64_t size;        /* how many bytes of it are to be read */
    int64_t is_read;     /* 0 if it must be read by itself, as something about it is unusual */
    int64_t end;         /* where its last whole line ends */
    int64_t fingerprint; /* of the bytes before that */
    int64_t first_row, rows_count;
    int64_t packed_size, sums_count; /* what follows that of the logs before it */
    int64_t names_sessions;          /* whether an answer names another session than the path */
    int64_t notes_size;              /* of what follows the notes of the logs before it */
} WholeLog;

/* One of the logs in exported entries that are packed in one call. */
typedef struct {
    int64_t rows_count, packed_size, sums_count; /* of its own */
    int64_t end;                                 /* where what is known of it ends */
} ExportedLog;

/* The state with which one thread reads ranges. Python only reads it, and only the first part. */
typedef struct {
    /* where and why reading stopped */
    const uint8_t *text;
    int64_t size, offset;
    /* the content of the range, once it is packed */
    const uint8_t *packed; /* the answers' hashes, then the columns */
    int64_t packed_size;
    const Sum *sums;
    int64_t sums_count;
    int64_t rows_count;
    uint64_t fingerprint;
    /* lines that are notes, or tell of subagents: of each its offset in the file, its size, and itself */
    uint8_t *notes;
    int64_t notes_size;
    /* names found; a variant is: whether fast, the size of the model's name in four bytes, the model's
     * name, the geography */
    Names variants, sessions;
    /* what lines say about the circumstances of answers: the members in the order of metering/attribution.py
     * as they stand in the line, each followed by a newline; names of tools as they stand there; and sets of
     * tools: the numbers of their names, four bytes each, in ascending order */
    Names attributions, tools, tool_sets;
    int64_t circumstances_dropped; /* how often these three have been dropped */

    Row *rows;
    size_t notes_capacity;
    size_t rows_capacity, first_row; /* the first row of the log that is being read */
    size_t last_row;                 /* the row of the last answer that was offered, plus 1 */
    Table row_table; /* of its rows, by answer and request */
    size_t sums_capacity, packed_capacity;
    Sum *sums_memory;
    uint8_t *packed_memory;
    Table sum_table;
    Values values;
    uint8_t *runs;
    size_t runs_capacity;
    uint32_t *united;
    size_t united_capacity;
    uint64_t noted_agent; /* a hash of the subagent of the range whose type was noted last; 0 for none */

    int fd;
    Text own_session;
    uint8_t *buffer;
    size_t capacity, filled, whole, next; /* of the buffer: filled, in complete lines, examined */
    size_t fills;                         /* how often bytes of the range were read into it */
    int64_t position, end;                /* of the file: start of the buffer, end of the range */
    int is_started;
    Repeated repeated;
} Reader;

/* The ledger's numbers of variants; and of attributions and tools, those of 0 first. */
typedef struct {
    const uint32_t *variants;
    const int64_t *attributions, *tools;
} Numbers;

/* All return 0 or an error number. Running out of memory must not end the program. */
int names_find(Names *names, const uint8_t *text, size_t size, uint32_t *number);
void names_forget(Names *names);
void names_free(Names *names);
int rows_offer(Reader *reader, const Row *row);
int rows_append(Reader *reader, const Row *row);
void rows_forget(Reader *reader);
/* Adds the columns and the sums of some rows, whose variants have the ledger's numbers, to what is packed. */
int rows_pack(Reader *reader, const Row *rows, size_t count, const int64_t *thresholds, size_t thresholds_count);
void rows_small_table(Reader *reader);
void rows_of_next_log(Reader *reader);
/* Finds the number, plus 1, of the tools with some names, or of all tools of two sets; 0 for none. */
int tools_find(Reader *reader, const Text *names, size_t count, int64_t *set);
int tools_unite(Reader *reader, int64_t one, int64_t other, int64_t *set);
/* Drops what is known of circumstances if it is much. */
void circumstances_drop(Reader *reader);
void circumstances_free(Reader *reader);
int repeated_keep(Repeated *repeated);
/* Makes sure that there is a buffer, and none that is larger than usual; forgets the notes. */
int buffer_ready(Reader *reader);
/* Doubles the buffer; its content is kept. */
int buffer_grow(Reader *reader);
/* Fills the buffer from the file; see reader.c. */
int buffer_fill(Reader *reader);
/* Makes sure that there is a buffer; forgets what was read before. */
int reader_ready(Reader *reader);
/* Prepares to read a range of a file, beside other ranges since `reader_ready`. */
void range_begin(Reader *reader, int fd, int64_t start, int64_t end);
API int reader_read(Reader *reader);
API uint64_t reader_fingerprint(int fd, int64_t end);
int64_t file_read_at(int fd, void *to, size_t size, int64_t offset);
int64_t fingerprint_of(const uint8_t *bytes, size_t size);
/* Fails with EINVAL if the bytes are not packed answers with fields as large as those of `Row`. */
int packed_open(Packed *packed, const uint8_t *answers, const uint8_t *columns, size_t size, size_t count);
/* Appends the attributions and tools of some rows to what is packed; see metering/runs.py. */
int runs_pack(Reader *reader, const Row *rows, size_t count);
/* Finds them in the columns of packed answers and returns where the other columns begin, or NULL if they are
 * damaged. */
const uint8_t *runs_open(Packed *packed, const uint8_t *columns, size_t size);
/* Makes room for `need` elements; existing elements are kept. */
int grow(void **memory, size_t *capacity, size_t need, size_t size);

/* The answer of a row of packed answers, as an unsigned number. */
static inline uint64_t packed_answer(const Packed *packed, size_t row) {
    uint64_t answer;
    memcpy(&answer, packed->answers + row * sizeof answer, sizeof answer);
    return answer;
}

/* A value of a column, as an unsigned number. The sizes are written out, as copying a variable number of bytes
 * takes longer than all else that is done with a value. */
static inline uint64_t packed_value(const Column *column, size_t row) {
    uint64_t value = 0;
    const uint8_t *at = column->at + row * column->bytes;
    switch (column->bytes) {
    case 1: return *at;
    case 2: memcpy(&value, at, 2); return value;
    case 4: memcpy(&value, at, 4); return value;
    case 8: memcpy(&value, at, 8); return value;
    default: return 0;
    }
}

/* Reads a number of at most 35 bits. There must be one. */
static inline uint64_t runs_number(const uint8_t **at) {
    uint64_t found = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = *(*at)++;
        found |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) return found;
    }
}

/* Returns the next value. There must be one, and `runs_open` must have succeeded. */
static inline int64_t runs_next(Runs *runs) {
    if (!runs->at) return 0;
    if (!runs->left) {
        uint64_t run = runs_number(&runs->at), position = run / 2;
        runs->left = run % 2 ? runs_number(&runs->at) + 2 : 1;
        runs->value = (int64_t)position;
        if (position > 1) memcpy(&runs->value, runs->values + (position - 2) * 8, 8);
    }
    runs->left--;
    return runs->value;
}

/* Reads the complete lines of the buffer from `next` on; STOP_END when all have been read. One function
 * for each instruction set. */
int lines_plain(Reader *reader);
int lines_avx2(Reader *reader);
/* The same with the widest instructions of this processor. */
int lines_widest(Reader *reader);

#endif
