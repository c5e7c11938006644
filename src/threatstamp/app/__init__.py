"""Puts it together: the only package that knows all the others."""
