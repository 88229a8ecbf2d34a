"""``python -m convai_rasa.store.conversions NAME SOURCE TARGET``: one JSON object is the last line of the output."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

from convai_rasa.errors import ConvaiError


def main() -> int:
    """Run the conversion named on the command line and print ``{"difference": …}`` or ``{"error": …}``."""
    name, source, target = sys.argv[1:]
    module = importlib.import_module(f"convai_rasa.store.conversions.{name}")
    try:
        result = {"difference": module.convert(Path(source), Path(target))}
    except ConvaiError as error:
        result = {"error": str(error)}
    print("\n" + json.dumps(result))
    return 1 if "error" in result else 0


if __name__ == "__main__":
    sys.exit(main())
