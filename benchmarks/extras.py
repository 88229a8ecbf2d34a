"""What each extra of the package takes on the disk: by itself, and where Rasa is already.

    python benchmarks/extras.py

Adds up the files of all packages that an extra needs, as they are installed in this environment (`make test` installs
every extra), without compiled modules.
"""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

NAME = "convai-rasa"
EXTRAS = ("", "rasa", "nlu", "voice", "remote", "speech", "train", "coqui", "s3", "gcs", "terminal", "all")


def main() -> int:
    """Print the table."""
    beside = needed("rasa")
    print(
        f"{'extra':12}{'packages':>10}{'MB':>8}{'MB beside Rasa':>18}   Python {sys.version.split()[0]}, {sys.platform}"
    )
    for extra in EXTRAS:
        packages = needed(extra)
        alone, added = (sum(map(size_mb, some)) for some in (packages, packages - beside))
        print(f"{extra or 'base':12}{len(packages):10}{alone:8,.0f}{added:18,.0f}")
    return 0


def needed(extra: str) -> set[str]:
    """Return the names of all packages that this one needs with an extra, and what those need, on this machine."""
    waiting = [(Requirement(f"{NAME}[{extra}]" if extra else NAME), "")]
    seen: set[tuple[str, str]] = set()
    while waiting:
        requirement, asked_by = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": asked_by}):
            continue
        name = canonicalize_name(requirement.name)
        for wished in {"", *requirement.extras}:
            if (name, wished) not in seen:
                seen.add((name, wished))
                waiting += [(Requirement(text), wished) for text in listed(name)]
    return {name for name, _ in seen}


def listed(name: str) -> list[str]:
    """Return what a package says that it needs."""
    try:
        return distribution(name).requires or []
    except PackageNotFoundError:
        sys.exit(f"{name} is not installed; run: make test-unit")


def size_mb(name: str) -> float:
    """Return the size of a package's files in MB of a million bytes."""
    files = [file.locate() for file in distribution(name).files or [] if file.suffix != ".pyc"]
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


if __name__ == "__main__":
    sys.exit(main())
