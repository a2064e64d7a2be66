"""Generates the pages of the user guide that are made from the code."""
