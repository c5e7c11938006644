"""What the desk serves over HTTP."""
