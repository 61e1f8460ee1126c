"""CloudWatch Logs Insights: queries over the events of log groups.

The commands ``fields``, ``display``, ``filter``, ``sort``, and ``limit`` are emulated. Other commands, functions, and
arithmetic are refused by name.

Source: CloudWatch Logs user guide, "CloudWatch Logs Insights language query syntax" and its pages.
"""
