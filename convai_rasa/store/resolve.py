"""From the name of a model to its folder. Nothing is ever downloaded here."""

from __future__ import annotations

import os
from pathlib import Path

from convai_rasa.errors import ModelCorrupt, ModelNotFound
from convai_rasa.store.manifest import first_damage, is_installed, read_manifest
from convai_rasa.store.tree import candidate_trees

FETCH_COMMAND = "convai models"
FETCH_SCRIPT = "python scripts/download_models.py"


def resolve(name_or_path: str | os.PathLike[str], *, models_dir: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder of a model, as an absolute path.

    An existing path wins. Otherwise the name is looked up in ``models_dir``, else in ``CONVAI_MODELS_DIR``, else in
    the ``models`` folders from the working directory upward. ``models/nlu/minilm`` and ``nlu/minilm`` mean the same
    where the first is not a path. A name of the catalogue counts only once it was installed whole; any other folder
    in the tree is the user's own and is taken as it is.

    Args:
        name_or_path: a path, a name such as ``whisper/base``, or an alias such as ``nlu/intent_classifier``.
        models_dir: the models/ tree to look in.

    Raises:
        ModelNotFound: not installed, or no such name; says where it looked and how to fetch it.
        ModelCorrupt: a file of the model is missing or was cut short.
    """
    given = os.fspath(name_or_path)
    path = Path(given).expanduser()
    if given and path.exists():
        return _undamaged(path.absolute())
    name, trees = _name_and_trees(path, models_dir)
    hit = _look_up(name, trees)
    if hit:
        return _undamaged(hit)

    from convai_rasa.store.catalogue import load_catalogue  # only now: most look-ups never need it

    catalogue = load_catalogue()
    for candidate in catalogue.aliases.get(name, ()):
        hit = _look_up(candidate, trees)
        if hit:
            return _undamaged(hit)
    if name in catalogue.models or name in catalogue.aliases:
        raise ModelNotFound(_not_installed(name, trees))
    looked = dict.fromkeys(str(place) for place in (path.absolute(), *(tree / name for tree in trees)))
    raise ModelNotFound(
        f"'{given}' is neither a path that exists nor a model of the catalogue; {catalogue.hint(name)}. "
        f"Looked for: {', '.join(looked)}."
    )


def fetch_hint(name: str) -> str:
    """Return the words that tell a user how to fetch a model."""
    return f"fetch it with: {FETCH_COMMAND} {name} (in a checkout: {FETCH_SCRIPT} {name})"


def _name_and_trees(path: Path, models_dir: str | os.PathLike[str] | None) -> tuple[str, list[Path]]:
    """Split a path that does not exist into the name of a model and the trees to look for it in.

    ``models/whisper/base`` and ``/somewhere/models/whisper/base`` hold a name too; the second also says which tree.
    """
    trees = candidate_trees(models_dir)
    parts = path.parts
    if "models" in parts[:-1]:
        split = len(parts) - parts[::-1].index("models")
        if path.is_absolute():
            trees = [Path(*parts[:split])]
        parts = parts[split:]
    return "/".join(parts), trees


def _look_up(name: str, trees: list[Path]) -> Path | None:
    parts = name.split("/")
    if len(parts) < 2 or any(part.startswith(".") or not part for part in parts):
        return None  # not a model: a kind of models, a hidden folder, or a path out of the tree
    for tree in trees:
        folder = tree / name
        if is_installed(folder):
            return folder
        if folder.is_dir() and not _is_catalogued(name):
            return folder
    return None


def _is_catalogued(name: str) -> bool:
    from convai_rasa.store.catalogue import load_catalogue

    return name in load_catalogue().models


def _undamaged(path: Path) -> Path:
    if is_installed(path):
        manifest = read_manifest(path)
        damage = first_damage(path, manifest)
        if damage:
            again = f"--force {manifest.name}"
            raise ModelCorrupt(f"The model in {path} is damaged: {damage}; {fetch_hint(again)}.")
    return path


def _not_installed(name: str, trees: list[Path]) -> str:
    half = [tree / name for tree in trees if (tree / name).is_dir()]
    if half:
        return (
            f"{half[0]} was not installed by this package, so it may not be whole; give it as a path to use it as it "
            f"is, or move it away and {fetch_hint(name)}."
        )
    looked = ", ".join(str(tree / name) for tree in trees) or "no models folder in or above the working directory"
    return f"The model '{name}' is not installed; {fetch_hint(name)}. Looked in: {looked}."
