"""Benchmarks. Each ``bench_*`` module has a ``main()`` that prints its results; none passes or fails."""
