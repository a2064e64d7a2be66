"""What a folder holds: its files, their sizes, depths and ages."""
