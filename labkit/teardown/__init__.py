"""Remove labs, and search until nothing is left."""
