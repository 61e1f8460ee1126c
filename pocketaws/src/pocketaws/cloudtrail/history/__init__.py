"""Event history: what was recorded in the last 90 days, and looking it up."""
