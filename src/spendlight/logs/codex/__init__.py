"""Reads the logs of Codex, the command line and the app: its rollouts."""
