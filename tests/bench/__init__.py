"""Speed and memory, measured; nothing here passes or fails."""
