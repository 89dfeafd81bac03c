"""`python -m junzi.cli`, the same as `junzi`."""

from junzi.cli import main

main()
