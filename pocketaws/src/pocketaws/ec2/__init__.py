"""EC2: networks and instances, as the API sees them."""
