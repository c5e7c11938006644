"""How each source is fetched: one file a source."""
