"""Resolves the locks of requirements/ anew with uv: what talking needs, what all extras add, what developers add.

Everything is resolved together, so that the parts fit each other: a larger one is installed on top of a smaller one and
changes nothing of it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "requirements"
PARTS = {
    "talk": ["rasa", "nlu", "voice", "speech"],
    "all": ["all"],
    "test": ["all", "dev"],
}
_COMPILE = "uv pip compile --quiet --python-version 3.10 --generate-hashes --no-header --no-annotate pyproject.toml"


def main() -> None:
    """Write one file for each part."""
    everything = resolve(PARTS["test"], FOLDER / "bounds.txt", "--upgrade")
    whole = FOLDER / ".whole.lock"
    whole.write_text("\n".join(everything.values()) + "\n", encoding="utf-8")
    try:
        written: set[str] = set()
        for part, extras in PARTS.items():
            pins = everything if part == "test" else resolve(extras, whole)
            if strange := sorted(name for name, pin in pins.items() if everything.get(name) != pin):
                sys.exit(f"{part} resolves to other packages than everything together: {', '.join(strange)}")
            own = [pin for name, pin in pins.items() if name not in written]
            (FOLDER / f"{part}.lock").write_text("\n".join(own) + "\n", encoding="utf-8")
            written |= pins.keys()
    finally:
        whole.unlink()


def resolve(extras: list[str], constraints: Path, *options: str) -> dict[str, str]:
    """Return each package's pin with its hashes, by name."""
    chosen = [word for extra in extras for word in ("--extra", extra)]
    command = [*_COMPILE.split(), *chosen, "--constraint", str(constraints), *options]
    text = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    return {pin.partition("==")[0]: pin for pin in re.findall(r"^[\w.\-]+==(?:.*\\\n)*.*$", text, re.MULTILINE)}


if __name__ == "__main__":
    main()
