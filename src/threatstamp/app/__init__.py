"""Puts the program together: the only package that imports all others."""
