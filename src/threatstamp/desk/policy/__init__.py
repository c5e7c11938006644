"""The policy, as the desk meets it."""
