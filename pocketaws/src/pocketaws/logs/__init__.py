"""CloudWatch Logs: groups, streams and events, searched by filter patterns and by Insights queries.

The store is this package's own: events lie sorted in columns (``segment``), so that a search reads
bytes instead of objects and a page begins where the one before it ended.
"""
