"""EventBridge: rules that match events, and what is done with those that match."""
