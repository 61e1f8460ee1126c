"""The day goes wrong: long tests that aren't part of ``make test``. Run them with ``make faults``."""
