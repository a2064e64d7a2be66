"""Whether there is a newer release: looked for once a day at most, told once, never installed.

Only the tray looks, by a process of its own. What was learned lies in a folder `updates` beside the
ledger: `latest.json`, and an empty file for each thing that may be done once. Whoever makes that
file does it, so that of several trays one does.

- `releases`: versions, and a release as we keep it.
- `kept`: what is kept, and what is claimed.
- `lookout`: what the tray holds.
- `looking`: when a look is due, and what comes of it, in the process that looks.
- `feed`: the exchange with GitHub; `notes`: what is said of a release, as plain text.
"""
