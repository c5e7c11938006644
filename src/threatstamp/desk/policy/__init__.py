"""The policy takes effect."""
