"""CloudTrail: records of calls, event history, trails and what they deliver."""
