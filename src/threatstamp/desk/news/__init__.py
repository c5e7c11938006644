"""Feeds are polled, and their news is recorded and published."""
