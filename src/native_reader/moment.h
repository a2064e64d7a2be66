/* Reads the times of logs. */
#ifndef SPENDLIGHT_MOMENT_H
#define SPENDLIGHT_MOMENT_H

#include "json.h"

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

#endif
