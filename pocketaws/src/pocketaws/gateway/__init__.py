"""A request's way in and its answer's way out."""
