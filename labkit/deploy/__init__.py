"""From nothing to a lab for every seat: plan, stacks, and what state they are in."""
