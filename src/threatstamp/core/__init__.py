"""The values and rules of the desk: pure, without clock, I/O or logging."""
