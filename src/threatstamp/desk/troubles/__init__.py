"""Troubles are found, and reported in the alerts channel."""
