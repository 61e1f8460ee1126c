"""EC2: networks and instances, as seen through the API."""
