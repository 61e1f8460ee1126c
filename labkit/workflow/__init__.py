"""What the commands do for a whole workshop, without a command line.

The CLI, the tests, and other people's scripts use these modules. They take values and return values: they parse no
arguments, print nothing, and never exit. Progress goes to the ``labkit.progress.Progress`` that the caller hands in.
"""
