"""Where the models/ tree is."""

from __future__ import annotations

import os
from pathlib import Path

from convai_rasa.store.manifest import MANIFEST

MODELS_DIR_VARIABLE = "CONVAI_MODELS_DIR"
STAGING = ".staging"  # in a tree: what is on its way into it, and locks
README_MARK = "<!-- written from the model catalogue by: convai models --write-readme -->"


def candidate_trees(models_dir: str | os.PathLike[str] | None = None) -> list[Path]:
    """Return the folders in which a model may be installed, best first; see ``labelled_trees``."""
    return [tree for _, tree in labelled_trees(models_dir)]


def labelled_trees(models_dir: str | os.PathLike[str] | None = None) -> list[tuple[str, Path]]:
    """Return the folders in which a model may be installed, best first, each with the reason why it is one.

    The given folder alone; without one ``CONVAI_MODELS_DIR``, then every ``models`` folder from the working directory
    upward. All of them, because a Rasa bot has a ``models`` folder of its own for trained archives, which would
    otherwise hide the project's.
    """
    if models_dir:
        return [("the given folder", _absolute(models_dir))]
    named, here = os.environ.get(MODELS_DIR_VARIABLE), Path.cwd()
    reasons = {_absolute(named): MODELS_DIR_VARIABLE} if named else {}
    for parent in (here, *here.parents):
        tree = parent if parent.name == "models" else parent / "models"
        if tree.is_dir():
            reasons.setdefault(tree, "the project")
    return [(reason, tree) for tree, reason in reasons.items()]


def tree_to_fetch_into(models_dir: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder for new models: the given, else ``CONVAI_MODELS_DIR``, else the nearest tree, else ./models.

    A ``models`` folder is taken for a tree if it holds an installed model or the README this package writes.
    """
    candidates = candidate_trees(models_dir)
    if models_dir or os.environ.get(MODELS_DIR_VARIABLE):
        return candidates[0]
    return next((folder for folder in candidates if _is_tree(folder)), Path.cwd() / "models")


def _absolute(folder: str | os.PathLike[str]) -> Path:
    return Path(folder).expanduser().absolute()


def _is_tree(folder: Path) -> bool:
    try:
        with (folder / "README.md").open(encoding="utf-8") as readme:
            if readme.readline().strip() == README_MARK:
                return True
    except (OSError, UnicodeDecodeError):
        pass  # no README of ours: the installed models decide
    return next(folder.glob(f"*/*/{MANIFEST}"), None) is not None
