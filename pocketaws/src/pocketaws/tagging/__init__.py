"""The Resource Groups Tagging API: finds an account's tagged resources in a Region."""
