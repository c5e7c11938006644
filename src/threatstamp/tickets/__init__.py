"""Trackers of developers: a ticket is made there, found again, and followed, over each one's own API."""
