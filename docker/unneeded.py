"""Prints every installed package that ``convai-rasa[all]`` does not need: those that are there for developers."""

from __future__ import annotations

from importlib.metadata import distribution, distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

WANTED = ("convai-rasa[all]", "pip")  # pip fetches models, which come as packages


def main() -> None:
    """Print one name a line."""
    installed = {canonicalize_name(found.metadata["Name"]) for found in distributions()}
    print(*sorted(installed - needed(WANTED)), sep="\n")


def needed(wanted: tuple[str, ...]) -> set[str]:
    """Return the names of packages with all that they need, and what that needs, on this machine."""
    waiting = [(requirement, "") for requirement in map(Requirement, wanted)]
    seen: set[tuple[str, str]] = set()
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        for wished in {"", *requirement.extras} - {extra for known, extra in seen if known == name}:
            seen.add((name, wished))
            listed = distribution(name).requires or []  # raises PackageNotFoundError, which names what is missing
            waiting += [(Requirement(text), wished) for text in listed]
    return {name for name, _ in seen}


if __name__ == "__main__":
    main()
