"""Views: what commands, pages and reports display. They only read."""
