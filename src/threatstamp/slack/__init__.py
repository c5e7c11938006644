"""Slack: its events and its Web API, and how the desk's messages look there."""
