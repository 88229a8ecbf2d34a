"""The menu, and what is safe to eat."""

from pathlib import Path

from ..tables import Tables

WORDS = Tables(Path(__file__).with_name("words.yml"))
