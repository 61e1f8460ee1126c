"""The network around the servers: what traffic there is, and the flow logs that show it."""
