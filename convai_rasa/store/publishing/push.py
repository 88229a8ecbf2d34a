"""Puts installed models up for others: in a bucket or a folder, as ``convai models --source`` reads them.

Each lies there under the folder it has in the tree. Its manifest is written last, and taken away first when another
version of its files is about to come, so that nobody who reads meanwhile takes a mix for a model.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from convai_rasa.errors import ConfigurationError, DownloadError, ModelCorrupt, ModelError
from convai_rasa.store.catalogue import load_catalogue
from convai_rasa.store.files import sha256
from convai_rasa.store.installed import MANIFEST, is_installed
from convai_rasa.store.lfs import describe_pointer, first_pointer
from convai_rasa.store.manifest import InstalledFile, Manifest, parse_manifest, read_manifest
from convai_rasa.store.names import CURRENT, VERSION, Name, parse_name
from convai_rasa.store.progress import Progress
from convai_rasa.store.resolving import resolve
from convai_rasa.store.sources import UNFINISHED, Entry, FolderRemote, Remote, Upload, persist
from convai_rasa.store.verify import verify

OWN = "a folder of your own"  # where a model without a manifest came from, in the one that it gets


@dataclass(frozen=True)
class Push:
    """What pushing one model comes to.

    Attributes:
        name: of the model.
        files: how many have to be uploaded.
        size: their bytes.
        described: whether its manifest has to be written anew.
    """

    name: Name
    files: int
    size: int
    described: bool


def find_models(tree: Path, names: list[str]) -> dict[Name, Path]:
    """Return the folders of the named models in a tree, or of all with all their versions, by name.

    Raises:
        ConfigurationError: a name means a folder outside the tree.
        ModelNotFound: there is no such model in the tree.
        ModelCorrupt: a file of a named model is missing.
    """
    folders = [resolve(name, models_dir=tree) for name in names] if names else _all_folders(tree)
    found = {}
    for folder in folders:
        name = parse_name(folder.relative_to(tree).as_posix()) if tree in folder.parents else None
        if name is None:
            raise ConfigurationError(f"{folder} is not a model in {tree}, so there is no name to push it under.")
        found[name] = folder
    return found


def _all_folders(tree: Path) -> list[Path]:
    """Return the folder of every version of every model."""
    folders = []
    for folder in _visible_folders(tree):
        for model in _visible_folders(folder):
            if VERSION.fullmatch(model.name):
                folders += _visible_folders(model)
            elif model.name != CURRENT:
                folders.append(model)
    known = load_catalogue().models
    # what has the name of a model of the catalog without having been installed is not one
    return [folder for folder in folders if is_installed(folder) or folder.relative_to(tree).as_posix() not in known]


def _visible_folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def describe(name: Name, folder: Path, counted: Callable[[int], object] = lambda count: None) -> Manifest:
    """Read every byte of a model and return the manifest that it has, or shall have where it is pushed.

    Args:
        name: of the model.
        folder: where it lies.
        counted: called with the number of bytes of every piece that was read.

    Raises:
        ModelCorrupt: a file is not what it was when the model was installed, or is a git-LFS pointer.
    """
    pointer = first_pointer(folder)
    if pointer:
        raise ModelCorrupt(f"{describe_pointer(pointer)}.")
    if is_installed(folder):
        manifest = read_manifest(folder)
        problems = verify(folder, load_catalogue().models.get(manifest.name), progress=counted)
        if problems:
            raise ModelCorrupt(" ".join(problems))
        return manifest
    entries = FolderRemote(folder).entries(".")
    if not entries:
        raise ModelCorrupt(f"{folder} has no files in it.")
    files = {file: InstalledFile(entry.size, sha256(folder / file, counted)) for file, entry in entries.items()}
    return Manifest(str(name), OWN, "", published={}, conversion=None, difference=None, files=files)


def push_model(
    name: Name, folder: Path, manifest: Manifest, remote: Remote, progress: Progress, *, dry_run: bool = False
) -> Push:
    """Upload a model, as far as it is not there yet; what a cut leaves is continued by the next call.

    Args:
        name: of the model.
        folder: where it lies.
        manifest: what ``describe`` returned.
        remote: where to push it to.
        progress: where to show what is going on.
        dry_run: only find out what would be uploaded.

    Raises:
        ConfigurationError: the place is the one where the model lies.
        ModelError: the place refuses, or cannot be reached.
    """
    try:
        return _Pushing(name, folder, manifest, remote, progress).run(dry_run=dry_run)
    except DownloadError as error:
        raise ModelError(f"{name} could not be pushed to {remote}: {error}.") from error
    except OSError as error:
        raise ModelError(f"{name} could not be pushed to {remote}: {error.strerror}.") from error


@dataclass(frozen=True)
class _Pushing:
    """One model on its way up."""

    name: Name
    folder: Path
    manifest: Manifest
    remote: Remote
    progress: Progress

    def run(self, *, dry_run: bool) -> Push:
        if (
            isinstance(self.remote, FolderRemote)
            and self.folder.resolve() == (self.remote.root / self._there).resolve()
        ):
            raise ConfigurationError(f"{self.remote.root} is where the models already are; push to another place.")
        entries = persist(lambda: self.remote.entries(self._there))
        pushed = self._pushed(entries)
        missing = self._missing(entries, pushed)
        same = pushed is not None and _content(pushed) == _content(self.manifest) and not missing
        push = Push(self.name, len(missing), sum(self.manifest.files[file].size for file in missing), not same)
        if not dry_run and not same:
            self._upload(missing, replace=pushed is not None)
        if not dry_run and same and UNFINISHED in entries:
            persist(lambda: self.remote.delete(self._at(UNFINISHED)))
        return push

    def _upload(self, missing: list[str], *, replace: bool) -> None:
        text = f"{self.name} is being pushed; without {MANIFEST} beside it, it is incomplete.\n"
        persist(lambda: self.remote.write(self._at(UNFINISHED), text.encode()))
        if replace:
            persist(lambda: self.remote.delete(self._at(MANIFEST)))
        self._upload_files(missing)
        entries = persist(lambda: self.remote.entries(self._there))
        for file, expected in self.manifest.files.items():
            if file not in entries or entries[file].size != expected.size:
                raise DownloadError(f"{file} is not there as it was uploaded; push again")
        persist(lambda: self.remote.write(self._at(MANIFEST), self._manifest_text()))
        persist(lambda: self.remote.delete(self._at(UNFINISHED)))

    def _upload_files(self, missing: list[str]) -> None:
        def attempt() -> None:
            left = missing if not attempts else self._missing(self.remote.entries(self._there), None)
            attempts.append(left)
            total = sum(self.manifest.files[file].size for file in left)
            with self.progress.file(str(self.name), total) as bar:
                self.remote.upload([self._as_upload(file) for file in left], lambda upload, count: bar.update(count))

        attempts: list[list[str]] = []
        persist(attempt)

    def _pushed(self, entries: dict[str, Entry]) -> Manifest | None:
        """Return the manifest of what is there, None if there is none, or none that can be read."""
        if MANIFEST not in entries:
            return None
        text = persist(lambda: self.remote.read(self._at(MANIFEST), 0, entries[MANIFEST].size))
        try:
            return parse_manifest(text)
        except ValueError:
            return None

    def _missing(self, entries: dict[str, Entry], pushed: Manifest | None) -> list[str]:
        """Return the files that are not there with the same size and hash."""
        return [file for file in self.manifest.files if not self._is_there(file, entries.get(file), pushed)]

    def _is_there(self, file: str, entry: Entry | None, pushed: Manifest | None) -> bool:
        expected = self.manifest.files[file]
        if entry is None or entry.size != expected.size:
            return False
        if pushed and file in pushed.files:
            return pushed.files[file].sha256 == expected.sha256
        return persist(lambda: self.remote.sha256(self._at(file))) == expected.sha256

    def _as_upload(self, file: str) -> Upload:
        return Upload(self.folder / file, self._at(file), self.manifest.files[file].sha256)

    def _manifest_text(self) -> bytes:
        if is_installed(self.folder):
            return (self.folder / MANIFEST).read_bytes()
        return (json.dumps(asdict(self.manifest), indent=1) + "\n").encode()

    @property
    def _there(self) -> str:
        version = [self.name.version] if self.name.version else []
        return "/".join([self.name.kind, *version, self.name.model])

    def _at(self, file: str) -> str:
        return f"{self._there}/{file}"


def _content(manifest: Manifest) -> Manifest:
    """Return a manifest without where its model once came from, which differs between machines."""
    return replace(manifest, source="", revision=None)
