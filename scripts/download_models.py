"""Fetch, list and verify models: the same command as ``convai models``, for a checkout."""

from __future__ import annotations

import sys

from convai_rasa.cli import main

if __name__ == "__main__":
    sys.exit(main(["models", *sys.argv[1:]]))
