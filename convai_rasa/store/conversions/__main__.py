"""``python -m convai_rasa.store.conversions NAME SOURCE TARGET [MORE …]``; prints one JSON object."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from convai_rasa.errors import MissingExtra, install_command
from convai_rasa.store import answer
from convai_rasa.store.conversions import CONVERSIONS


def main(name: str, source: str, target: str, *more: str) -> float:
    """Run the conversion of this name; returns how much its result differs from the original."""
    try:
        module = importlib.import_module(CONVERSIONS[name].module)
        Path(target).mkdir(parents=True, exist_ok=True)
        return float(module.convert(Path(source), Path(target), *more))
    except ImportError as error:
        advice = f"repair the environment with: {install_command(CONVERSIONS[name].extra)}"
        raise MissingExtra(f"{error}; {advice}") from error


if __name__ == "__main__":
    sys.exit(answer(lambda: {"difference": main(*sys.argv[1:])}))
