"""A bash interpreter for the subset that boot scripts and interactive sessions use."""
