"""From the name of a model to its folder. Nothing is ever downloaded here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Optional

from convai_rasa.errors import ModelCorrupt, ModelNotFound
from convai_rasa.store.installed import PUBLISHED, find_damage, is_installed
from convai_rasa.store.look import Look
from convai_rasa.store.names import CURRENT, VERSION, Name, parse_name
from convai_rasa.store.search import NOT_WHOLE, search
from convai_rasa.store.tree import labelled_trees
from convai_rasa.store.versions import describe_versions

FETCH_COMMAND = "convai models"
FETCH_SCRIPT = "python scripts/download_models.py"


def resolve(name_or_path: str | os.PathLike[str], *, models_dir: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder of a model, as an absolute path.

    An existing path wins. Otherwise the name is looked up in ``CONVAI_MODELS_DIR``, in the ``models`` folders from the
    working directory upward, and in the caches of Whisper, Hugging Face, Coqui and spaCy; or only in ``models_dir``.
    ``models/nlu/minilm`` and ``nlu/minilm`` mean the same where the first is not a path. A name of the catalog counts
    only if the model is complete; any other folder in a tree is the user's own and is used as it is.

    Args:
        name_or_path: a path, a name such as ``whisper/base``, one with a version such as ``nlu/intents@v1.0`` or
            ``nlu/intents@latest``, or the name of a job such as ``nlu/intent_classifier``.
        models_dir: the models/ tree to look in.

    Raises:
        ModelNotFound: not installed, or no such name or version; says where it looked and how to fetch it.
        ModelCorrupt: a file of the model is missing, is truncated, or is a git-LFS pointer.
    """
    given = os.fspath(name_or_path)
    path = Path(given).expanduser()
    if given and path.exists():
        return _undamaged(_through_current(path.absolute()))
    asked = _asked(path, models_dir)
    misses = []
    for look in asked.looks():
        if look.folder:
            return _undamaged(look.folder)
        misses.append(look)
    raise ModelNotFound(_not_found(given, path, asked, misses))


def explain(name_or_path: str | os.PathLike[str], *, models_dir: str | os.PathLike[str] | None = None) -> list[Look]:
    """Return all places that ``resolve`` would look in, with what is there; it takes the first that has the model."""
    path = Path(name_or_path).expanduser()
    if os.fspath(name_or_path) and path.exists():
        return [Look("the path itself", path.absolute(), _through_current(path.absolute()))]
    return list(_asked(path, models_dir).looks())


def find_installed(name: str, models_dir: str | os.PathLike[str] | None = None) -> Path | None:
    """Return where a model of the catalog lies whole already, so that it need not be fetched; None if nowhere.

    Versions that a user published under the same name do not count, and neither does the name of a job.

    Args:
        name: of the model.
        models_dir: the only tree to look in; None looks wherever ``resolve`` does.
    """
    for _, tree in labelled_trees(models_dir):
        folder = tree / name
        try:
            if is_installed(folder) and find_damage(folder) is None:
                return folder
        except ModelCorrupt:
            continue  # its manifest cannot be read, so the model is to be fetched again
    if models_dir:
        return None

    from convai_rasa.store.caches import look_in_caches
    from convai_rasa.store.catalogue import load_catalogue

    model = load_catalogue().models.get(name)
    return next((look.folder for look in look_in_caches(model) if look.folder), None) if model else None


def fetch_hint(name: str) -> str:
    """Return the words that tell a user how to fetch a model."""
    return f"fetch it with: {FETCH_COMMAND} {name} (in a checkout: {FETCH_SCRIPT} {name})"


class _Asked(NamedTuple):
    """What a path that does not exist asks for, and where to look for it."""

    name: Optional[Name]
    trees: list[tuple[str, Path]]
    caches: bool

    def looks(self) -> Iterator[Look]:
        return search(self.name, self.trees, caches=self.caches) if self.name else iter(())


def _asked(path: Path, models_dir: str | os.PathLike[str] | None) -> _Asked:
    """Take a path that does not exist for the name of a model.

    ``models/whisper/base`` and ``/somewhere/models/whisper/base`` hold a name too; the second also says which tree.
    """
    trees, caches = labelled_trees(models_dir), models_dir is None
    parts = path.parts
    if "models" in parts[:-1]:
        split = len(parts) - parts[::-1].index("models")
        if path.is_absolute():
            trees, caches = [("the given path", Path(*parts[:split]))], False
        parts = parts[split:]
    return _Asked(parse_name("/".join(parts)), trees, caches)


def _through_current(path: Path) -> Path:
    """Follow the link of a pinned model once, so that what is read is one version whatever is pinned meanwhile."""
    return path.resolve() if path.parent.name == CURRENT and path.is_symlink() else path


def _undamaged(path: Path) -> Path:
    if is_installed(path):
        damage = find_damage(path)
        if damage:
            raise ModelCorrupt(f"The model in {path} is damaged: {damage}; {_mend(path)}.")
    elif path.is_dir():
        from convai_rasa.store.lfs import describe_pointer, first_pointer

        pointer = first_pointer(path)
        if pointer:
            raise ModelCorrupt(f"{describe_pointer(pointer)}.")
    return path


def _mend(path: Path) -> str:
    if (path / PUBLISHED).is_file():
        return "publish it again, or pin an undamaged version: convai models versions"
    from convai_rasa.store.manifest import read_manifest

    version = f"@{path.parent.name}" if VERSION.fullmatch(path.parent.name) else ""
    return fetch_hint(f"--force {read_manifest(path).name}{version}")


def _not_found(given: str, path: Path, asked: _Asked, misses: list[Look]) -> str:
    from convai_rasa.store.catalogue import load_catalogue

    name, catalogue = asked.name, load_catalogue()
    if name is None:
        hint = catalogue.hint("/".join(path.parts))
        return f"'{given}' is neither a path that exists nor a model of the catalog; {hint}."
    if name.version:
        there = "; ".join(f"in {tree} {describe_versions(tree, name)}" for _, tree in asked.trees)
        there = there or "there is no models folder in or above the working directory"
        fetch = (
            f"; {fetch_hint(str(name))}" if name.plain in catalogue.models and VERSION.fullmatch(name.version) else ""
        )
        return f"There is no {name}; {there}{fetch}."
    known = name.plain in catalogue.models or name.plain in catalogue.aliases
    problems = [look for look in misses if look.problem]
    if problems:
        there = "; ".join(f"{look.path} is there, but {look.problem}" for look in problems)
        as_it_is = "give it as a path to use it as it is, or move it away and "
        fetch = fetch_hint(name.plain) if known else catalogue.hint(name.plain)
        return f"{there}; {as_it_is if problems[0].problem == NOT_WHOLE else ''}{fetch}."
    looked = ", ".join(dict.fromkeys(str(look.path) for look in misses))
    if known:
        return f"The model '{name}' is not installed; {fetch_hint(name.plain)}. Looked in: {looked}."
    hint = catalogue.hint(name.plain)
    return (
        f"'{given}' is neither a path that exists nor a model of the catalog; {hint}. "
        f"Looked for: {', '.join(filter(None, [str(path.absolute()), looked]))}."
    )
