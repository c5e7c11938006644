"""News: feeds, their entries, and the stories that entries report."""
