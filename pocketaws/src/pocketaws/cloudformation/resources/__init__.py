"""One file per service, one class per resource type; ``handler`` says what such a class does."""
