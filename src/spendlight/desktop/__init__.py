"""The tray and the window: the face for the desktop, and the only code that uses Qt."""
