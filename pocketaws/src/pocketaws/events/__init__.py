"""EventBridge: rules that match events, and the targets that receive them."""
