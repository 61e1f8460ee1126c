"""GuardDuty: a detector, its threat lists, and findings out of traffic and recorded calls."""
