"""GuardDuty: a detector, its threat lists, and findings based on traffic and recorded calls."""
