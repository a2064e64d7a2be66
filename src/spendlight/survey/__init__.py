"""Surveys folders: their files, with sizes, depths and ages."""
