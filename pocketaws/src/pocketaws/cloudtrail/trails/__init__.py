"""Trails: which events CloudTrail delivers, and where."""
