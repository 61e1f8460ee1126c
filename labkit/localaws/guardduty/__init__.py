"""GuardDuty: a detector, its lists of addresses, and the findings that traffic to them makes."""
