"""The versions of a model in a tree, and which of them its name means.

::

    models/nlu/v1.0/intents/             a version
    models/nlu/v2.0/intents/             another
    models/nlu/current/intents           -> ../v1.0/intents: what "nlu/intents" means, switched in one step
    models/nlu/current/.intents.previous -> ../v2.0/intents: what it was pinned to before, if it was
    models/nlu/intents/                  outside all versions, as a model of the catalog is installed

Whoever reads a model follows the link once and then reads the folder it led to, so a switch never shows a mix.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from convai_rasa.errors import ModelError, ModelNotFound
from convai_rasa.store import files
from convai_rasa.store.manifest import find_damage, is_installed
from convai_rasa.store.names import CURRENT, LATEST, UNVERSIONED, VERSION, Name, version_key
from convai_rasa.store.tree import STAGING


def folder_in(tree: Path, name: Name) -> Path:
    """Return where a version is in a tree; without one, the folder outside versions."""
    return tree / name.path


def models_in(tree: Path) -> Iterator[tuple[Name, Path]]:
    """Yield the models of a tree, each of their versions, and their folders, in alphabetical order."""
    for kind in _folders(tree):
        for folder in _folders(kind):
            if VERSION.fullmatch(folder.name):
                yield from ((Name(kind.name, model.name, folder.name), model) for model in _folders(folder))
            elif folder.name != CURRENT:
                yield Name(kind.name, folder.name), folder


def versions_of(tree: Path, name: Name) -> list[str]:
    """Return the versions of a model that lie in a tree, lowest first."""
    try:
        found = [entry for entry in os.listdir(tree / name.kind) if VERSION.fullmatch(entry)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted((v for v in found if folder_in(tree, name._replace(version=v)).is_dir()), key=version_key)


def version_folder(tree: Path, name: Name) -> Path | None:
    """Return the folder of the version that a name asks for, None if there is none; its folder outside versions is one.

    ``name.version`` must not be None.
    """
    version = name.version
    if version == LATEST:
        version = next(reversed(versions_of(tree, name)), UNVERSIONED)
    if version != UNVERSIONED and not VERSION.fullmatch(version or ""):
        return None
    folder = folder_in(tree, name._replace(version=None if version == UNVERSIONED else version))
    return folder if folder.is_dir() else None


def current_folder(tree: Path, name: Name) -> Path | None:
    """Return the folder that a model is pinned to, None if it is not; raises ModelNotFound if that is gone."""
    return _there(_target(_link(tree, name)), tree, name, "is pinned to {}")


def pin(tree: Path, name: Name) -> Path:
    """Let the plain name mean the version that ``name`` asks for, from one moment to the next; returns its folder.

    Raises ModelNotFound for a version that is not there, and ModelError if it is damaged or the link cannot be written.
    """
    with locked(tree, name):
        folder = version_folder(tree, name)
        if folder is None:
            raise ModelNotFound(f"There is no {name} in {tree}; {_described(tree, name)}.")
        damage = find_damage(folder) if is_installed(folder) else None
        if damage:
            raise ModelError(f"{folder} is damaged ({damage}), so {name.plain} stays what it was.")
        before = _target(_link(tree, name))
        if before != folder:
            _point(_previous(tree, name), before)  # first: a kill between the two leaves the name as it was
            _point(_link(tree, name), folder)
    return folder


def rollback(tree: Path, name: Name) -> Path | None:
    """Undo the last ``pin`` or ``rollback``; returns what the plain name is pinned to then, None for nothing.

    Raises ModelNotFound where there is nothing to undo, or what was current before is gone; else as ``pin``.
    """
    with locked(tree, name):
        before, now = _target(_previous(tree, name)), _target(_link(tree, name))
        if before == now:
            raise ModelNotFound(f"{name.plain} was never pinned to another version, so there is nothing to go back to.")
        _point(_link(tree, name), _there(before, tree, name, "meant {} before"))
        _point(_previous(tree, name), now)
    return before


def was_pinned(tree: Path, name: Name) -> bool:
    """Whether a model is, or was, pinned to a version of this tree."""
    return any(_target(link) is not None for link in (_link(tree, name), _previous(tree, name)))


def pin_unpinned(tree: Path, name: Name, folder: Path) -> None:
    """Pin a model to a folder unless it is pinned; the caller holds ``locked``."""
    if _target(_link(tree, name)) is None:
        _point(_link(tree, name), folder)


def describe_versions(trees: Sequence[Path], name: Name) -> str:
    """Return the versions there are in each tree, in words."""
    there = "; ".join(f"in {tree} {_described(tree, name)}" for tree in trees)
    return there or "there is no models folder in or above the working directory"


@contextmanager
def locked(tree: Path, name: Name) -> Iterator[None]:
    """Keep every other process from changing the versions of a model."""
    try:
        with files.locked(tree / STAGING / f"{name.plain.replace('/', '--')}.versions.lock"):
            yield
    except OSError as error:
        raise ModelError(f"{tree} cannot be written: {error}.") from error


def _folders(parent: Path) -> list[Path]:
    return sorted(path for path in parent.glob("[!.]*") if path.is_dir())


def _described(tree: Path, name: Name) -> str:
    unversioned = [UNVERSIONED] if (tree / name.plain).is_dir() else []
    found = [*versions_of(tree, name), *unversioned]
    return f"there are {', '.join(found)}" if found else f"there is no version of {name.plain}"


def _there(folder: Path | None, tree: Path, name: Name, role: str) -> Path | None:
    """Return the folder that a link leads to, unless it is gone."""
    if folder is None or folder.is_dir():
        return folder
    raise ModelNotFound(
        f"{name.plain} {role.format(folder)}, which is gone; pin another version with: "
        f"convai models pin {name.plain}@VERSION ({_described(tree, name)})."
    )


def _link(tree: Path, name: Name) -> Path:
    return tree / name.kind / CURRENT / name.model


def _previous(tree: Path, name: Name) -> Path:
    link = _link(tree, name)
    return link.with_name(f".{link.name}.previous")


def _target(link: Path) -> Path | None:
    try:
        return Path(os.path.normpath(link.parent / os.readlink(link)))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno == errno.EINVAL:  # no link but a folder: a copy of the tree that does without links
            return link
        raise


def _point(link: Path, folder: Path | None) -> None:
    """Let a link lead to a folder of the same tree, in one step; relative, so that the tree can be moved."""
    if folder is None:
        link.unlink(missing_ok=True)
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(os.path.relpath(folder, link.parent))
    os.replace(fresh, link)
