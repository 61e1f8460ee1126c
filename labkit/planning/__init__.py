"""Carry out plans: exactly their actions, with isolated failures. Planners are in ``deploy`` and ``teardown``."""
