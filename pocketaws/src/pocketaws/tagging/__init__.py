"""The Resource Groups Tagging API: what of an account in a Region has which tags."""
