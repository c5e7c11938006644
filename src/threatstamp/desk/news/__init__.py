"""Feeds: asked, recorded, published."""
