/* Reads lines with the instructions that every processor of this architecture supports. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#define LINES lines_plain
#include "lines.h"
