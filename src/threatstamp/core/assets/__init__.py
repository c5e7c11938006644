"""Assets: the company's own products, which a flaw may touch."""
