"""``aws``: the part of the AWS CLI, version 2, that a server's scripts use; calls go through the gateway as the role."""
