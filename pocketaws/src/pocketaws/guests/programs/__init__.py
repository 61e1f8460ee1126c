"""The programs that guests can run. To add one, write a function with ``@program`` in a module of this package."""
