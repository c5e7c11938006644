"""Where news comes from, and what it amounts to."""
