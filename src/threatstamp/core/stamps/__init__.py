"""What people said with a reaction, and where a route sends it."""
