"""The demo: a workspace to click in, lifelike posts, and the real desk beside it."""
