"""Stamps: what people say with a reaction, and where routes send it."""
