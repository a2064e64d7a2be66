"""What coding agents cost you, in the tray and in the terminal."""

__version__ = "0.1.0"
