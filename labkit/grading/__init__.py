"""Tasks, answers, hints, and verdicts: decide whether an attendee's answer is right.

Check authors import what they need from ``labkit`` itself (``from labkit import task, Wrong, Pending``).
"""
