"""`check`: each part of the installation, one file a part, and for each failure what to do next."""
