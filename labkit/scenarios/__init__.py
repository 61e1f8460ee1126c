"""One module per scenario, each with a ``SCENARIO``; ``labkit.scenario.scenarios`` finds them."""

DEFAULT = "malicious_callout"
"""What a workshop is about where nothing else is said; the one that ``labkit demo`` tells."""
