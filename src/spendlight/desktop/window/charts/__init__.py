"""Pictures of reports: what to draw is worked out without Qt, then drawn."""
