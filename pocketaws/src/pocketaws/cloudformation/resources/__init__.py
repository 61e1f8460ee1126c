"""One file per service, one class per resource type; ``handler`` defines the interface."""
