"""What is on disk: finds, reads and watches Claude Code's logs."""
