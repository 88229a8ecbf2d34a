"""The words of ``words.yml``: what English writes short, in tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict

from convai_rasa.data_files import read_words

WORDS: Dict[str, Any] = read_words(Path(__file__).with_suffix(".yml"))
