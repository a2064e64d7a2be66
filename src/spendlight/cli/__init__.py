"""The command line: takes verbs, prints tables, text or JSON."""
