"""Reads the logs of Claude Code."""
