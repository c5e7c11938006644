"""The steps: what the desk does when something arrives and when something is due."""
