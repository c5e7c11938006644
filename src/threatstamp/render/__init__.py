"""Values as people and other programs take them: lines, CSV, JSON."""
