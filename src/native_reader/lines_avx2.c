/* Reads lines with AVX2; compiled with -mavx2 for x86-64, used if the processor supports it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#define LINES lines_avx2
#include "lines.h"
