/* What fuzzer.c says the ledger's numbers are: hashes of names, as there, so that they do not depend on which
 * names a reader has met before. Included once, behind reader.h and the hash function. */
static uint64_t hash_of_nth(const Names *names, size_t nth) {
    size_t start = nth ? names->ends[nth - 1] : 0;
    return XXH3_64bits_withSeed(names->bytes + start, names->ends[nth] - start, 0);
}

static uint64_t hash_of_set(const Reader *reader, size_t nth) {
    const Names *sets = &reader->tool_sets;
    uint64_t all = 0; /* a set has no order */
    for (size_t at = nth ? sets->ends[nth - 1] : 0; at < sets->ends[nth]; at += sizeof(uint32_t)) {
        uint32_t tool;
        memcpy(&tool, sets->bytes + at, sizeof tool);
        all += hash_of_nth(&reader->tools, tool);
    }
    return all;
}

/* Returns the ledger's numbers of all that was met, and of one more variant. */
static Numbers numbers_of(const Reader *reader) {
    size_t told = reader->attributions.count, sets = reader->tool_sets.count, variants = reader->variants.count;
    uint32_t *of_variants = malloc((variants + 1) * sizeof *of_variants);
    int64_t *of_told = malloc((told + 1) * sizeof *of_told), *of_sets = malloc((sets + 1) * sizeof *of_sets);
    if (!of_variants || !of_told || !of_sets) abort();
    for (size_t i = 0; i < variants; i++) of_variants[i] = (uint32_t)hash_of_nth(&reader->variants, i);
    of_variants[variants] = 1;
    of_told[0] = 0;
    for (size_t i = 0; i < told; i++) of_told[i + 1] = (int64_t)(hash_of_nth(&reader->attributions, i) >> 1);
    of_sets[0] = 1;
    for (size_t i = 0; i < sets; i++) of_sets[i + 1] = (int64_t)(hash_of_set(reader, i) >> 1);
    return (Numbers){of_variants, of_told, of_sets};
}

static void free_numbers(Numbers *numbers) {
    free((void *)numbers->variants);
    free((void *)numbers->attributions);
    free((void *)numbers->tools);
}
