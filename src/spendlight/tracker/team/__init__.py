"""The use cases of teams: membership, publishing and asking."""
