"""``python -m pocketaws``."""

from .cli import main

main()
