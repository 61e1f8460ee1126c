"""One module per scenario, each with a ``SCENARIO``; ``labkit.scenario.scenarios`` finds them."""
