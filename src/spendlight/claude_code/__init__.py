"""What Claude Code keeps beside its logs: settings, and what it last knew of the plan."""
