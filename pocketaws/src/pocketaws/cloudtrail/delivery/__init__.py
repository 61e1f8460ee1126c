"""Delivers recorded events to buckets as files, and to log groups."""
