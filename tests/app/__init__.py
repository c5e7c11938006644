"""Tests of what puts the desk together."""
