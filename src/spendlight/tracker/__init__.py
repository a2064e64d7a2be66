"""What happens when: the one front door of both faces."""
