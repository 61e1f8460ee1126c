"""Service Quotas: what an account may have of some things."""
