/* The part of fuzzer.c that settles copies of answers. */
#ifndef SPENDLIGHT_SETTLING_H
#define SPENDLIGHT_SETTLING_H

/* Settles the copies of answers among the parts that were read, one of which may be damaged, and packs again
 * what stays; adds what it comes to. */
static void settle_parts(Reader *reader, const WholeLog *files, size_t count, unsigned choice) {
    Source sources[MOST_FILES] = {{0}};
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        Source *source = &sources[i];
        size_t rows = (size_t)files[i].rows_count, size = (size_t)files[i].packed_size;
        const uint8_t *packed = rows ? reader->packed + at : NULL;
        uint8_t *columns = copied(rows ? packed + 8 * rows : NULL, size - 8 * rows);
        if (choice & 8 && rows && i == (choice & 3))
            columns[choice % (size - 8 * rows)] ^= (uint8_t)(choice | 1);
        *source = (Source){
            .answers = copied(packed, 8 * rows),
            .columns = columns,
            .columns_size = (int64_t)(size - 8 * rows),
            .count = (int64_t)rows,
            .file = (int64_t)i + 1,
            .root = (uint32_t)i % 3,
            .order = (uint32_t)(count - i),
            .is_held = choice >> (i & 7) & 1,
        };
        source->verdicts = calloc(rows + 1, 1);
        if (choice & 4) source->shadows = calloc(rows + 1, 4);
        if (!source->verdicts || (choice & 4 && !source->shadows)) abort();
        at += size;
    }
    LostCopy *lost;
    Beaten *beaten;
    Called *called;
    int64_t lost_count, beaten_count, called_count;
    int error = copies_settle(sources, count, &lost, &lost_count, &beaten, &beaten_count, &called, &called_count);
    add_number(error);
    if (!error && lost_count) add(lost, (size_t)lost_count * sizeof *lost);
    for (int64_t i = 0; i < beaten_count; i++) add_number((int64_t)beaten[i].roots);
    copies_free(lost);
    copies_free(beaten);
    for (int64_t i = 0; i < called_count; i++) add_number(called[i].tools);
    copies_free(called);
    for (size_t i = 0; i < count; i++) {
        const Source *source = &sources[i];
        size_t rows = (size_t)source->count;
        if (!error) add(source->verdicts, rows);
        error = reader_pack_rest(reader, source->answers, source->columns, (size_t)source->columns_size, rows,
                                 source->verdicts, source->shadows, thresholds, 2);
        add_number(error);
        if (!error && reader->packed_size) add(reader->packed, (size_t)reader->packed_size);
        free((void *)source->answers);
        free((void *)source->columns);
        free((void *)source->shadows);
        free(source->verdicts);
    }
}

#endif
