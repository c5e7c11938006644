"""Facts about vulnerabilities are loaded."""
