"""Remove labs, and search until nothing of them is left."""
