"""What needs an operator: found, and told in alerts."""
