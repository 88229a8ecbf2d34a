"""From the name of a model to its folder: where it is looked for, in order, and what to say where it is not found.

Nothing is ever downloaded here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Optional

from convai_rasa.errors import ModelCorrupt, ModelNotFound
from convai_rasa.store.caches import Look, look_in_caches
from convai_rasa.store.files import read_json
from convai_rasa.store.lfs_pointers import check_pointers
from convai_rasa.store.manifest import MANIFEST, PUBLISHED, find_damage, is_installed
from convai_rasa.store.names import CURRENT, LATEST, VERSION, Name, parse_name
from convai_rasa.store.tree import labelled_trees
from convai_rasa.store.versioning import current_folder, describe_versions, folder_in, version_folder, versions_of

CATALOGUE_FILE = Path(__file__).with_name("catalogue.yml")
FETCH_COMMAND = "convai models"
FETCH_SCRIPT = "python scripts/download_models.py"
_NOT_WHOLE = "it was not installed by this package, so it may be incomplete"


def resolve(name_or_path: str | os.PathLike[str], *, models_dir: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder of a model, as an absolute path.

    An existing path wins. Otherwise the name is looked up in ``CONVAI_MODELS_DIR``, in the ``models`` folders from the
    working directory upward, and in the caches of Whisper, Hugging Face, Coqui and spaCy; or only in ``models_dir``.
    ``models/nlu/minilm`` and ``nlu/minilm`` mean the same where the first is not a path. A name of the catalog counts
    only if the model is complete; any other folder in a tree is the user's own and is used as it is.
    A name is such as ``whisper/base``, with a version ``nlu/intents@v1.0`` or ``nlu/intents@latest``, or that of a job,
    such as ``nlu/intent_classifier``.

    Raises:
        ModelNotFound: not installed, or no such name or version; says where it looked and how to fetch it.
        ModelCorrupt: a file of the model is missing, is truncated, or is a git-LFS pointer.
    """
    asked = _read(name_or_path, models_dir)
    misses = []
    for look in asked.looks:
        if look.folder:
            return _undamaged(look.folder)
        misses.append(look)
    raise ModelNotFound(_not_found(asked, misses))


def explain(name_or_path: str | os.PathLike[str], *, models_dir: str | os.PathLike[str] | None = None) -> list[Look]:
    """Return all places that ``resolve`` would look in, with what is there; it takes the first that has the model."""
    return list(_read(name_or_path, models_dir).looks)


def look_up(name: str, models_dir: str | os.PathLike[str] | None = None) -> Path | None:
    """Return what ``resolve`` would, unless that is damaged or nowhere: then the damaged folder, or None."""
    return next((look.folder for look in _read(name, models_dir).looks if look.folder), None)


def find_installed(name: str, models_dir: str | os.PathLike[str] | None = None) -> Path | None:
    """Return where a model of the catalog lies whole already, so that it need not be fetched; None if nowhere.

    Versions that a user published under the same name do not count, and neither does the name of a job. ``models_dir``
    is the only tree to look in; None looks wherever ``resolve`` does.
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

    from convai_rasa.store.catalogue import load_catalogue

    model = load_catalogue().models.get(name)
    return next((look.folder for look in look_in_caches(model) if look.folder), None) if model else None


def search(name: Name, trees: Sequence[tuple[str, Path]], *, caches: bool) -> Iterator[Look]:
    """Look for a model in one place after another; whoever wants the first alone stops there.

    First the trees, as ``labelled_trees`` gives them, for the name and then for the models that can do the job of that
    name; then, in the same order, the caches of other programs: what a project has comes before what happens to lie on
    the machine. Last, for a name of the catalog, the highest version, so that publishing one does not change what the
    name has meant so far.
    """
    yield from (_look_in_tree(place, tree, name) for place, tree in trees)

    from convai_rasa.store.catalogue import load_catalogue  # only now: most look-ups never need it

    catalogue = load_catalogue()
    aliases = catalogue.aliases.get(name.plain, ())
    stand_ins = [Name.of(plain, name.version) for plain in aliases]
    for stand_in in stand_ins:
        yield from (_look_in_tree(place, tree, stand_in) for place, tree in trees)
    if caches and name.version in (None, LATEST):  # what other programs keep has no versions of ours
        for candidate in (name, *stand_ins):
            if candidate.plain in catalogue.models:
                yield from look_in_caches(catalogue.models[candidate.plain])
    if name.version is None and _is_catalogued(name):
        for place, tree in trees:
            for candidate in (name, *stand_ins):
                highest = _highest_version(tree, candidate)
                if highest:
                    yield Look(f"{place}, highest version", highest, highest)


def how_to_mend(path: Path) -> str:
    """Return what to do about a damaged model, as the end of a sentence: fetch it again, where it was fetched."""
    from convai_rasa.store.catalogue import load_catalogue

    name = read_json(path / MANIFEST).get("name")
    if name in load_catalogue().models:
        return f"fetch it again with: {FETCH_COMMAND} --force {name}"
    return "copy it again from where it came, or recreate it"


class _Asked(NamedTuple):
    given: str  # as it was written
    name: Optional[Name]  # of a model; None where it is a path that exists, or neither
    trees: Sequence[tuple[str, Path]]  # to look in
    looks: Iterator[Look]  # at one place after another


def _read(name_or_path: str | os.PathLike[str], models_dir: str | os.PathLike[str] | None) -> _Asked:
    """Take what does not exist as a path for the name of a model.

    ``models/whisper/base`` and ``/somewhere/models/whisper/base`` hold a name too; the second also says which tree.
    """
    given = os.fspath(name_or_path)
    path = Path(given).expanduser()
    if given and path.exists():
        path = path.absolute()
        # the link of a pinned model is followed once, so that what is read is one version whatever happens to it
        pinned = path.parent.name == CURRENT and path.is_symlink()
        return _Asked(given, None, (), iter([Look("the path itself", path, path.resolve() if pinned else path)]))
    trees, caches = labelled_trees(models_dir), models_dir is None
    parts = path.parts
    if "models" in parts[:-1]:
        split = len(parts) - parts[::-1].index("models")
        if path.is_absolute():
            trees, caches = [("the given path", Path(*parts[:split]))], False
        parts = parts[split:]
    name = parse_name("/".join(parts))
    return _Asked(given, name, trees, search(name, trees, caches=caches) if name else iter(()))


def _look_in_tree(place: str, tree: Path, name: Name) -> Look:
    """Look for a model in one tree.

    Without a version it is the pinned one, else the folder outside versions, else, for a name that the catalog does
    not know, the highest version. A model of the catalog that lies outside versions counts only once it was installed
    whole; any other folder is the user's own.
    """
    plain = tree / name.plain
    try:
        folder = version_folder(tree, name) if name.version else current_folder(tree, name)
    except ModelNotFound as error:
        return Look(place, plain, problem=str(error).rstrip("."))
    if folder is None and name.version is None and plain.is_dir():
        folder = plain
    if folder == plain and not is_installed(plain) and _is_catalogued(name, jobs=False):
        return Look(place, plain, problem=_NOT_WHOLE)
    if folder is None and name.version is None:
        highest = _highest_version(tree, name)
        folder = highest if highest and not _is_catalogued(name) else None
    return Look(place, folder or folder_in(tree, name), folder)


def _highest_version(tree: Path, name: Name) -> Path | None:
    present = versions_of(tree, name)
    return folder_in(tree, name._replace(version=present[-1])) if present else None


def _is_catalogued(name: Name, *, jobs: bool = True) -> bool:
    """Whether the catalog has a model, or a job, of this name."""
    if name.plain not in CATALOGUE_FILE.read_text(encoding="utf-8"):
        return False  # most models of a user's own; parsing the catalog would take hundreds of times as long

    from convai_rasa.store.catalogue import load_catalogue

    catalogue = load_catalogue()
    return name.plain in catalogue.models or (jobs and name.plain in catalogue.jobs)


def _undamaged(path: Path) -> Path:
    """Return the folder, unless something is wrong with it that can be seen at a glance."""
    if not is_installed(path):
        check_pointers(path)
    elif damage := find_damage(path):
        version = f"@{path.parent.name}" if VERSION.fullmatch(path.parent.name) else ""
        again = _fetch_hint(f"--force {read_json(path / MANIFEST).get('name')}{version}")
        if (path / PUBLISHED).is_file():
            again = "publish it again, or pin an undamaged version: convai models versions"
        raise ModelCorrupt(f"The model in {path} is damaged: {damage}; {again}.")
    return path


def _fetch_hint(name: str) -> str:
    return f"fetch it with: {FETCH_COMMAND} {name} (in a checkout: {FETCH_SCRIPT} {name})"


def _not_found(asked: _Asked, misses: Sequence[Look]) -> str:
    from convai_rasa.store.catalogue import load_catalogue

    name, catalogue = asked.name, load_catalogue()
    neither = f"'{asked.given}' is neither a path that exists nor a model of the catalog"
    if name is None:
        return f"{neither}; {catalogue.hint('/'.join(Path(asked.given).expanduser().parts))}."
    if name.version:
        fetchable = name.plain in catalogue.models and VERSION.fullmatch(name.version)
        fetch = f"; {_fetch_hint(str(name))}" if fetchable else ""
        return f"There is no {name}; {describe_versions([tree for _, tree in asked.trees], name)}{fetch}."
    known = name.plain in catalogue.models or name.plain in catalogue.jobs
    hint = _fetch_hint(name.plain) if known else catalogue.hint(name.plain)
    problems = [look for look in misses if look.problem]
    if problems:
        there = "; ".join(f"{look.path} is there, but {look.problem}" for look in problems)
        as_it_is = "give it as a path to use it as it is, or move it away and "
        return f"{there}; {as_it_is if problems[0].problem == _NOT_WHOLE else ''}{hint}."
    looked = list(dict.fromkeys(str(look.path) for look in misses))
    if known:
        return f"The model '{name}' is not installed; {hint}. Looked in: {', '.join(looked)}."
    return f"{neither}; {hint}. Looked for: {', '.join([str(Path(asked.given).expanduser().absolute()), *looked])}."
