"""Settings and secrets: one checked file, and the environment."""
