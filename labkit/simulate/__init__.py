"""Making the incident happen: an operator who logs in and types, a responder who stops the server."""
