/* What fuzzer.c says the ledger's numbers are. Included once, behind reader.h. */
static int64_t *numbers_from(size_t count, int64_t first) {
    int64_t *numbers = malloc((count + 1) * sizeof *numbers);
    if (!numbers) abort();
    *numbers = first;
    for (size_t i = 1; i <= count; i++) numbers[i] = (int64_t)i * 5 + 2;
    return numbers;
}

/* Returns the ledger's numbers of all that was met, and of one more variant. */
static Numbers numbers_of(const Reader *reader) {
    uint32_t *numbers = malloc((reader->variants.count + 1) * sizeof *numbers);
    if (!numbers) abort();
    for (size_t i = 0; i <= reader->variants.count; i++) numbers[i] = (uint32_t)(i * 3 + 1);
    return (Numbers){numbers, numbers_from(reader->attributions.count, 0), numbers_from(reader->tool_sets.count, 1)};
}

static void free_numbers(Numbers *numbers) {
    free((void *)numbers->variants);
    free((void *)numbers->attributions);
    free((void *)numbers->tools);
}
