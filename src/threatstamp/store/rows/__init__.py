"""Rows of the tables, read and written as values: one file per subject, which implements its port."""
