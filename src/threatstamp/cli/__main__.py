"""`python -m threatstamp.cli`."""

from threatstamp.cli import main

main()
