"""A threat-intelligence desk in Slack: stamps in, forwards out, everything on record."""

__version__ = "0.1.0"
