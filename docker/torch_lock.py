"""Splits requirements.lock for an image with another build of torch.

Prints the lock without torch's packages and the CUDA libraries they bring; with --torch those packages alone, with
their versions, to be taken from another index. Uses the standard library alone: nothing else is installed yet.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"
TORCH = re.compile(r"torch(audio|vision)?$")
CUDA = re.compile(r"nvidia-|cuda-|triton$")


def main() -> None:
    """Print the lines that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--torch", action="store_true", help="torch's packages alone, as NAME==VERSION")
    given = parser.parse_args()
    pins = locked(LOCK.read_text(encoding="utf-8"))
    if given.torch:
        print(*(pin.split()[0] for name, pin in pins.items() if TORCH.match(name)))
    else:
        print(*(pin for name, pin in pins.items() if not TORCH.match(name) and not CUDA.match(name)), sep="\n")


def locked(lock: str) -> dict[str, str]:
    """Return each package's pin with its hashes, by name."""
    pins = re.findall(r"^[\w.\-]+==(?:.*\\\n)*.*$", lock, re.MULTILINE)
    return {pin.partition("==")[0]: pin for pin in pins}


if __name__ == "__main__":
    main()
