"""What would stop a workshop, per account, before anything is created: the checks of ``labkit doctor``.

Each module holds one group of checks. A check only reads, and returns a ``Finding`` for each thing it looked at.
"""
