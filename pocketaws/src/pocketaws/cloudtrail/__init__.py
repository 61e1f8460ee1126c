"""CloudTrail: records of calls, event history, and trails with their deliveries."""
