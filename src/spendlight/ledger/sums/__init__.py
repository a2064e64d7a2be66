"""Sums of the entries: of slots (the buckets), and of these by day, by block and by session.

Each kind has the same four functions: `make` writes sums that are not there yet, `renew` makes anew
those that a change touches, `rebuild` makes all of them anew, and `read` answers with them.
"""
