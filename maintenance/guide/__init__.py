"""Makes the pages of the user guide that follow from the code."""
