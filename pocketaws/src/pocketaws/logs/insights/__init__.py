"""CloudWatch Logs Insights: queries over the events of log groups.

Source: CloudWatch Logs user guide, "CloudWatch Logs Insights language query syntax" and its pages.
"""
