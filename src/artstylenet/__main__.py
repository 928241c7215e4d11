"""Let ``python -m artstylenet`` do what ``artstylenet`` does."""

from artstylenet.cli import main

main()
