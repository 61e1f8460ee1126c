"""Measurements, each a module ``bench_*`` with a ``main()`` that prints what it measured. No pass, no fail."""
