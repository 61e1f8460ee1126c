"""The way into a server by SSH: input and output only; the shells are guests' (``guests.login``)."""
