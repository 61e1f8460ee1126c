"""SSH access to servers: input and output only. The shells are in ``guests.login``."""
