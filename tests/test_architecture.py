"""The plan of the house: rooms of a size one can keep in view, used through their faces, and no circles."""

from __future__ import annotations

import ast
import functools
import re
from collections import Counter
from pathlib import Path

import networkx
import pytest

import convai_rasa

ROOT = Path(convai_rasa.__file__).parent
PAGE = ROOT.parent / "docs" / "architecture.md"
MOST_MODULES = 15
# A room's Rasa half, whose place trained archives remember; what may be set in a room; and two verbs, `convai remove`
# and `convai models remove`.
SHARED_NAMES = {"component", "options", "remove"}


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {dotted(path): path for path in sorted(ROOT.rglob("*.py"))}
ROOMS = sorted(name for name, path in MODULES.items() if path.name == "__init__.py")


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@functools.cache
def offered(room: str) -> dict[str, str]:
    """What the face of a room offers, by name: the module it is from."""
    stub = MODULES[room].with_suffix(".pyi") if room in MODULES else Path()
    if not stub.is_file():
        return {}
    lines = [line for line in parsed(stub).body if isinstance(line, ast.ImportFrom)]
    return {name.name: f"{room}.{line.module}" for line in lines for name in line.names}


@functools.cache
def imports(module: str) -> list[tuple[str, str]]:
    """Each import of this package's own in a module, wherever it stands: from what, and which name."""
    lines = [line for line in ast.walk(parsed(MODULES[module])) if isinstance(line, ast.ImportFrom)]
    ours = [line for line in lines if (line.module or "").partition(".")[0] == "convai_rasa"]
    return [(str(line.module), name.name) for line in ours for name in line.names]


def module_of(place: str, name: str) -> str:
    """The module that a name is really from."""
    offers = offered(place) if place in ROOMS else {}
    if name in offers:
        return module_of(offers[name], name)
    return f"{place}.{name}" if f"{place}.{name}" in MODULES else place


def test_a_room_can_be_kept_in_view() -> None:
    inside = Counter(path.parent for path in MODULES.values() if path.name != "__init__.py")
    assert {folder for folder, modules in inside.items() if modules > MOST_MODULES} == set()


def test_no_two_modules_have_one_name() -> None:
    names = Counter(path.stem for path in MODULES.values() if not path.stem.startswith("__"))
    assert {name for name, count in names.items() if count > 1} == SHARED_NAMES


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_for_and_offers_what_it_has(room: str) -> None:
    assert ast.get_docstring(parsed(MODULES[room]))
    for name, module in offered(room).items():
        assert name in names_of(parsed(MODULES[module]).body) | offered(module).keys()


def names_of(body: list[ast.stmt]) -> set[str]:
    found: set[str] = set()
    for line in body:
        if isinstance(line, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            found.add(line.name)
        elif isinstance(line, (ast.Assign, ast.AnnAssign)):
            targets = line.targets if isinstance(line, ast.Assign) else [line.target]
            found |= {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}
        elif isinstance(line, (ast.Import, ast.ImportFrom)):
            found |= {name.asname or name.name for name in line.names}
        elif isinstance(line, (ast.If, ast.Try)):
            found |= names_of([*line.body, *line.orelse])
    return found


def test_other_rooms_are_used_through_their_faces() -> None:
    reaching = [
        f"{module} reaches into {room} for {name}"
        for module in MODULES
        for place, name in imports(module)
        if place not in ROOMS and offered(room := place.rpartition(".")[0]) and not f"{module}.".startswith(f"{room}.")
    ]
    assert reaching == []


def test_nothing_imports_in_a_circle() -> None:
    graph = networkx.DiGraph()
    for module in MODULES:
        graph.add_edges_from((module, module_of(*line)) for line in imports(module))
    graph.remove_edges_from(networkx.selfloop_edges(graph))
    circles = [sorted(group) for group in networkx.strongly_connected_components(graph) if len(group) > 1]
    assert circles == []


@pytest.mark.parametrize("room", ROOMS)
def test_the_page_names_every_room(room: str) -> None:
    folder = f"{MODULES[room].parent.relative_to(ROOT).as_posix()}/"
    assert room == "convai_rasa" or f"`{folder}`" in PAGE.read_text("utf-8")


def test_what_the_page_names_is_there() -> None:
    named = set(re.findall(r"`([a-z_0-9]+/[a-z_0-9/]+\.py)`", PAGE.read_text("utf-8")))
    assert len(named) > len(ROOMS)
    assert {path for path in named if not (ROOT / path).is_file() and not (ROOT.parent / path).is_file()} == set()
