"""`python -m learnorg_rules.cli`, the same as `learnorg`."""

from .main import main

main()
