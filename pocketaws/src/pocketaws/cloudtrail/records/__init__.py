"""What a record says: who, what, with which parameters; the shapes of AWS's own records."""
