"""Measures the main job beside a bare handler, in one run. `make bench`."""
