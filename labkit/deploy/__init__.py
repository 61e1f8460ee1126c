"""Deploy a lab for every seat: plan, create stacks, report their state."""
