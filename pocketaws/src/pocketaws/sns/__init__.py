"""Simple Notification Service: topics, their subscriptions, and the emails they send."""
