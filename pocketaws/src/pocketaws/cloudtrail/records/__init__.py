"""Build CloudTrail records in the shapes that AWS writes: who called what, with which parameters."""
