"""A bash, as far as bootstrap scripts and people at a prompt need one: parsed and interpreted here."""
