"""Stamps: taken, judged by routes, forwarded and confirmed."""
