"""Priorities of stories, on record."""
