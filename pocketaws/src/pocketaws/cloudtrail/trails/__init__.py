"""Trails: what is to be delivered where."""
