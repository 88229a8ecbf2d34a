"""``python -m convai_rasa.store.conversions NAME SOURCE TARGET [MORE …]``; its last line is one JSON object."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

from convai_rasa.errors import ConvaiError, MissingExtra, install_command
from convai_rasa.store.conversions import CONVERSIONS


def main() -> int:
    """Run the conversion named on the command line and print ``{"difference": …}`` or ``{"error": …, "kind": …}``."""
    name, source, target, *more = sys.argv[1:]
    result: dict[str, float | str]
    try:
        module = importlib.import_module(CONVERSIONS[name].module)
        Path(target).mkdir(parents=True, exist_ok=True)
        result = {"difference": module.convert(Path(source), Path(target), *more)}
    except ConvaiError as error:
        result = {"error": str(error), "kind": type(error).__name__}
    except ImportError as error:
        advice = f"repair the environment with: {install_command(CONVERSIONS[name].extra)}"
        result = {"error": f"{error}; {advice}", "kind": MissingExtra.__name__}
    sys.stdout.write("\n" + json.dumps(result) + "\n")
    return 1 if "error" in result else 0


if __name__ == "__main__":
    sys.exit(main())
