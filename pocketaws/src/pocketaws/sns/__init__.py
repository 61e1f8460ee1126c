"""Simple Notification Service: topics, their subscriptions, and the mails that come of them."""
