"""What pages, reports and commands display: read, and never changed."""
