"""How urgent something is, with every reason: a decision table, then the rules of the house."""
