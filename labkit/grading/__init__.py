"""Tasks, answers, hints and verdicts: whether what an attendee found is right.

Check authors take what they need from ``labkit`` itself (``from labkit import task, Wrong, Pending``).
"""
