"""The use cases, behind a single interface for both faces."""
