"""One module per scenario, each with a ``SCENARIO``; ``labkit.scenario.scenarios`` finds them."""

DEFAULT = "malicious_callout"
"""The scenario of a workshop that names none, and of ``labkit demo``."""
