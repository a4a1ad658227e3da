"""`python -m fieldops` is the same as the command `fieldops`."""

from fieldops.cli import main

main()
