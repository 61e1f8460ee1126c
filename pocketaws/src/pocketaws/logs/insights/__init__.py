"""CloudWatch Logs Insights: queries over the events of log groups.

The emulator supports ``fields``, ``display``, ``filter``, ``sort``, and ``limit``. It rejects other
commands, functions, and arithmetic, and names what it rejects.

Source: CloudWatch Logs user guide, "CloudWatch Logs Insights language query syntax" and its pages.
"""
