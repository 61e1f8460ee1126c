"""IAM: users, roles, policies."""
