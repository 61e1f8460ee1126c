"""Organizations: the accounts that there are."""
