"""What Claude Code keeps besides its logs: its settings, and the last known plan limits."""
