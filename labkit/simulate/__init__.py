"""Make the incident happen: an operator logs in and types commands, a responder stops the server."""
