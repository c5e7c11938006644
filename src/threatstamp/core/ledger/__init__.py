"""The ledger: an append-only hash chain, which proves that no entry was changed later."""
