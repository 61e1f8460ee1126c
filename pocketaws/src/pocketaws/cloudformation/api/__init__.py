"""The API operations, grouped by subject."""
