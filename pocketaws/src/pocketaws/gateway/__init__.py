"""The HTTP side: requests become calls, and results become responses."""
