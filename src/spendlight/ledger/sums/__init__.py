"""Sums of the entries: by slot (the buckets), and of these by day, by block and by session.

Each kind has the same four functions: `make` writes sums that do not exist yet, `renew` recomputes
those that a change affects, `rebuild` recomputes all of them, and `read` returns them.
"""
