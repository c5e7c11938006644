"""`python -m threatstamp`."""

from threatstamp.cli import main

main()
