"""One module per scenario, each with a ``SCENARIO``; ``labkit.scenario.scenarios`` finds them."""

DEFAULT = "malicious_callout"
"""The default scenario of a workshop and of ``labkit demo``."""
