"""The tray and the window: the face for the desktop, and all that knows Qt."""
