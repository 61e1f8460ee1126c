"""GuardDuty: a detector, its lists of addresses and filters, and findings out of traffic and recorded calls."""
