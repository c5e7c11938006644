"""Slack: what it tells the desk, and how the desk says things there."""
