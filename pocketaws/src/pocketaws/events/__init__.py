"""EventBridge: rules that match events, and the targets that matching events go to."""
