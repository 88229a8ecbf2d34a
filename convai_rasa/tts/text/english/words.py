"""The words of ``words.yml``: what English writes short, in tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict

import yaml

_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # both take every word for a text, "no" and "on" too

WORDS: Dict[str, Any] = yaml.load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"), Loader=_Loader)
