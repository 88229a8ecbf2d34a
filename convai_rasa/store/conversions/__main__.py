"""``python -m convai_rasa.store.conversions NAME SOURCE TARGET``: one JSON object is the last line of the output."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

from convai_rasa.errors import ConvaiError
from convai_rasa.store.conversions import NEEDS


def main() -> int:
    """Run the conversion named on the command line and print ``{"difference": …}`` or ``{"error": …}``."""
    name, source, target = sys.argv[1:]
    result: dict[str, float | str]
    try:
        module = importlib.import_module(f"convai_rasa.store.conversions.{name}")
        Path(target).mkdir(parents=True, exist_ok=True)
        result = {"difference": module.convert(Path(source), Path(target))}
    except ConvaiError as error:
        result = {"error": str(error)}
    except ImportError as error:
        result = {"error": f"{error}; mend the environment with: pip install 'convai-rasa[{NEEDS[name][0]}]'"}
    sys.stdout.write("\n" + json.dumps(result) + "\n")
    return 1 if "error" in result else 0


if __name__ == "__main__":
    sys.exit(main())
