"""Organizations: the accounts and their units."""
