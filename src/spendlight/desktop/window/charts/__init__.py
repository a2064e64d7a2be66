"""Charts of reports: their contents are computed without Qt, then drawn."""
