"""The programs a guest knows. A new one is a function with ``@program`` in a file beside these."""
