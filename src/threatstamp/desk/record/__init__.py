"""The ledger is verified and redacted."""
