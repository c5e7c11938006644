"""A stamp: taken, judged, and on its way."""
