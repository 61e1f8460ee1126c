"""Simple Notification Service: topics, their subscriptions, and the emails that they send."""
