"""Every verb as people run it: in processes of its own, against a local AWS in another."""
