"""The tests tell the story of the desk."""
