"""Puts installed models up for others: in a bucket or a folder, as ``convai models --source`` reads them.

Each lies there under the folder it has in the tree. Its manifest is written last, and taken away first when another
version of its files is about to come, so that nobody who reads meanwhile takes a mix for a model.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from convai_rasa.errors import ConfigurationError, DownloadError, ModelCorrupt, ModelError
from convai_rasa.store.catalogue import load_catalogue
from convai_rasa.store.check import verify_model
from convai_rasa.store.files import sha256
from convai_rasa.store.lfs_pointers import check_pointers
from convai_rasa.store.manifest import MANIFEST, InstalledFile, Manifest, is_installed, parse_manifest, read_manifest
from convai_rasa.store.names import Name, parse_name
from convai_rasa.store.progress import Progress
from convai_rasa.store.resolving import resolve
from convai_rasa.store.sources import UNFINISHED, Entry, Folder, Mirror, go_on_unless, persist, run_all
from convai_rasa.store.versioning import folder_in, models_in

OWN = "a folder of your own"  # where a model without a manifest came from, in the one that it gets
_UPLOADS = 2  # files at once; with their parts politely four requests
_CLOSING_SECONDS = 30  # the parts of an upload that is given up are deleted there, if it is given time for that


class Push(NamedTuple):
    """What pushing one model comes to: how many files with how many bytes, and whether its manifest is written anew."""

    name: Name
    files: int
    size: int
    described: bool

    @property
    def already_there(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.files or self.described)


def find_models(tree: Path, names: Sequence[str]) -> dict[Name, Path]:
    """Return the folders of the named models in a tree, or of all with all their versions, by name.

    Raises ConfigurationError if a name means a folder outside the tree; else as ``resolve``.
    """
    if not names:
        known = load_catalogue().models  # what has the name of one of these, and was not installed, is half of it
        return {name: folder for name, folder in models_in(tree) if is_installed(folder) or str(name) not in known}
    found = {}
    for folder in [resolve(name, models_dir=tree) for name in names]:
        name = parse_name(folder.relative_to(tree).as_posix()) if tree in folder.parents else None
        if name is None:
            raise ConfigurationError(f"{folder} is not a model in {tree}, so there is no name to push it under.")
        found[name] = folder
    return found


def describe(name: Name, folder: Path, counted: Callable[[int], object] = lambda count: None) -> Manifest:
    """Read every byte of a model and return the manifest that it has, or shall have where it is pushed.

    ``counted`` is called with the number of bytes of every piece that was read.

    Raises:
        ModelCorrupt: a file is not what it was when the model was installed, or is a git-LFS pointer.
    """
    check_pointers(folder)
    if is_installed(folder):
        manifest = read_manifest(folder)
        problems = verify_model(folder, load_catalogue().models.get(manifest.name), progress=counted)
        if problems:
            raise ModelCorrupt(" ".join(problems))
        return manifest
    entries = Folder(path=str(folder)).entries(".")
    if not entries:
        raise ModelCorrupt(f"{folder} has no files in it.")
    files = {file: InstalledFile(entry.size, sha256(folder / file, counted)) for file, entry in entries.items()}
    return Manifest(str(name), OWN, "", {}, None, None, files)


def push_model(name: Name, folder: Path, manifest: Manifest, remote: Mirror, *, dry_run: bool = False) -> Push:
    """Upload a model, as far as it is not there yet; what a cut leaves is continued by the next call.

    ``manifest`` is what ``describe`` returned; with ``dry_run`` nothing is uploaded, and only the result is found out.

    Raises:
        ConfigurationError: the place is the one where the model lies.
        ModelError: the place refuses, or cannot be reached.
    """
    if isinstance(remote, Folder) and folder.resolve() == folder_in(remote.root, name).resolve():
        raise ConfigurationError(f"{remote.root} is where the models already are; push to another place.")
    pushing = _Pushing(name, folder, manifest, remote)
    try:
        return persist(lambda: pushing.attempt(dry_run=dry_run), reached=lambda: pushing.sent)
    except (DownloadError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ModelError(f"{name} could not be pushed to {remote}: {reason}.") from error


class _Pushing:
    def __init__(self, name: Name, folder: Path, manifest: Manifest, remote: Mirror) -> None:
        self.name, self.folder, self.manifest, self.remote = name, folder, manifest, remote
        self.sent = 0  # bytes that went, again and again where an attempt failed
        self.found: Push | None = None  # by the first attempt

    def attempt(self, *, dry_run: bool) -> Push:
        """Find out what is there with the same sizes and hashes, and upload the rest, and last the manifest."""
        remote, entries = self.remote, self.remote.entries(self.name.path)
        pushed = self._pushed(entries)
        files = self.manifest.files
        missing = {name: files[name] for name in files if not self._is_there(name, entries.get(name), pushed)}
        size = sum(file.size for file in missing.values())
        same = pushed is not None and _content(pushed) == _content(self.manifest) and not missing
        self.found = self.found or Push(self.name, len(missing), size, not same)
        if not dry_run and not same:
            text = f"{self.name} is being pushed; without {MANIFEST} beside it, it is incomplete.\n"
            remote.write(self._at(UNFINISHED), text.encode())
            if MANIFEST in entries:
                remote.delete(self._at(MANIFEST))
            self._upload(missing, size)
            own = self.folder / MANIFEST
            remote.write(self._at(MANIFEST), own.read_bytes() if own.is_file() else self.manifest.dumps())
        if not dry_run and (not same or UNFINISHED in entries):
            remote.delete(self._at(UNFINISHED))
        return self.found

    def _at(self, file: str) -> str:
        return f"{self.name.path}/{file}"

    def _upload(self, files: Mapping[str, InstalledFile], size: int) -> None:
        stop = threading.Event()
        with Progress().file(str(self.name), size) as bar:

            def count(size: int) -> None:
                go_on_unless(stop)
                bar.update(size)
                self.sent += size

            uploads = [(self.folder / name, self._at(name), file.sha256) for name, file in files.items()]
            jobs = (partial(self.remote.upload, *upload, count) for upload in uploads)
            run_all(jobs, stop, threads=_UPLOADS, grace=_CLOSING_SECONDS)
        there = self.remote.entries(self.name.path)
        for file, expected in self.manifest.files.items():
            if file not in there or there[file].size != expected.size:
                raise DownloadError(f"{file} is not there as it was uploaded; push again")

    def _pushed(self, entries: Mapping[str, Entry]) -> Manifest | None:
        """Return the manifest of what is there, None if there is none, or none that can be read."""
        if MANIFEST not in entries:
            return None
        try:
            return parse_manifest(self.remote.read(self._at(MANIFEST), 0, entries[MANIFEST].size))
        except ValueError:
            return None

    def _is_there(self, file: str, entry: Entry | None, pushed: Manifest | None) -> bool:
        expected = self.manifest.files[file]
        if entry is None or entry.size != expected.size:
            return False
        if pushed and file in pushed.files:
            return pushed.files[file].sha256 == expected.sha256
        return self.remote.hash_of(self._at(file)) == expected.sha256


def _content(manifest: Manifest) -> Manifest:
    """Return a manifest without where its model once came from, which differs between machines."""
    return replace(manifest, source="", revision=None)
