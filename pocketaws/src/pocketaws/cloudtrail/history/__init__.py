"""Event history: stores the events of the last 90 days, and looks them up."""
