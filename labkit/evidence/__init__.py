"""Collect what the logs say about one seat, without judging it.

Each source has a module with a pure ``parse()`` and a ``fetch()`` that takes a client. ``collect`` queries all
sources and reports which of them have delivered.
"""
