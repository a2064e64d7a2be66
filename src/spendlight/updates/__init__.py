"""Checks for newer releases: at most once a day, announced once, never installed.

Only the tray checks, in a separate process. Results are in the folder `updates` beside the ledger:
`latest.json`, and an empty file for each thing that may be done only once. Whoever creates that
file does it, so that only one of several trays does.

- `releases`: versions and releases.
- `kept`: stored results and claims.
- `lookout`: the tray's interface.
- `looking`: when a check is due, and its results, in the process that checks.
- `feed`: requests to GitHub; `notes`: release notes as plain text.
"""
