"""The network around the servers: its traffic, and the flow logs that show it."""
