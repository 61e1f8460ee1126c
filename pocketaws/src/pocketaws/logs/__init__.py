"""CloudWatch Logs: groups, streams, and events, with filter patterns and Insights queries.

The package has its own store, which keeps events sorted and in columns (``segment``). A search
reads bytes instead of objects, and each page starts where the previous one ended.
"""
