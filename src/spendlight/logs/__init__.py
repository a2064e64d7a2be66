"""Finds, reads and watches the logs of coding agents."""
