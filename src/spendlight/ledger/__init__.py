"""What we remember: the archive of all answers ever seen, and sums made from it."""
