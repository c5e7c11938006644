"""The record: a chain of entries that proves that nothing was changed later."""
