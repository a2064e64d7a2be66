"""What usage means: pure values and arithmetic, without a clock, a file or a thread."""
