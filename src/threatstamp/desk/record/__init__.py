"""The record: verified and redacted."""
