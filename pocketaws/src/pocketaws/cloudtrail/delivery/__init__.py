"""Files in buckets and events in log groups, out of what was recorded."""
