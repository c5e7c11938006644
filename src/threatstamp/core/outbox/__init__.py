"""What the desk owes to Slack, and the right to act on it."""
