"""Rows of the tables, read and written as values: one file a subject, each the port of that subject."""
