"""`check`: every part of the installation, one file per part; each failure says how to fix it."""
