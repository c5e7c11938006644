"""Facts about vulnerabilities, as their sources publish them."""
