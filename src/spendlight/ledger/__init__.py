"""What is kept: the archive of all answers ever seen, and the sums made from it."""
