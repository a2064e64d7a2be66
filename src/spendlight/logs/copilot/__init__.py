"""Reads the logs of GitHub Copilot CLI: its sessions' events, and its OpenTelemetry files."""
