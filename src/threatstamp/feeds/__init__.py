"""Feeds: fetching documents, and reading bytes into entries."""
