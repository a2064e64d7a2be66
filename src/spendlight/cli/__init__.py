"""The command line: verbs in, tables, text or JSON out."""
