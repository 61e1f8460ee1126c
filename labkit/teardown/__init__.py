"""Taking everything down, and looking until nothing of a lab is left."""
