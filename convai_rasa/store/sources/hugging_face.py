"""The Hugging Face hub, or a mirror of it, at one commit.

The hub is asked through its own client, which knows the token, the endpoint and how the hub says no. The bytes come
through ``http_download``: since version 1.0 the client begins a file anew after a cut, and waits as long as a server
pleases.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Optional

from convai_rasa.errors import DownloadError
from convai_rasa.options import Field, Options, validator
from convai_rasa.store.files import CHUNK_BYTES, sha256
from convai_rasa.store.order import Delivery, Order
from convai_rasa.store.sources.http_download import Wanted, download
from convai_rasa.store.sources.hub import Hub
from convai_rasa.store.sources.pool import run_all, run_one
from convai_rasa.store.sources.remote import is_plain

_MAIN = "main"
_COMMIT = re.compile("[0-9a-f]{40}")
_SHORT = 12  # digits of a commit that are enough to find it
_SHA1_DIGITS, _SHA256_DIGITS = 40, 64


class HuggingFace(Options):
    """A repository on the hub.

    Attributes:
        repo: its name, such as ``Systran/faster-whisper-small``.
        revision: the commit, 40 hex digits; without one the commit that ``main`` is at, or models.lock has.
        prefix: the folder in the repository under which the files lie, with a trailing slash.
        rename: for a file that has another name there, that name.
    """

    repo: str = Field(regex=r"^[\w-][\w.-]*(/[\w-][\w.-]*)?$")
    revision: Optional[str] = Field(None, regex="^[0-9a-f]{40}$")
    prefix: str = Field("", regex="^([^/].*/)?$")
    rename: dict[str, str] = Field(default_factory=dict)

    @validator("repo")
    def _repo_can_be_one(cls, repo: str) -> str:
        if "--" in repo or ".." in repo or repo.endswith((".", "-", ".git")):
            raise ValueError("is not a name that the hub uses")
        return repo

    @validator("prefix")
    def _prefix_stays_inside(cls, prefix: str) -> str:
        if ".." in PurePosixPath(prefix).parts:
            raise ValueError("must not lead out of the repository")
        return prefix

    def __str__(self) -> str:
        at = f" at {self.revision[:_SHORT]}" if self.revision else ""
        return f"Hugging Face hub: {self.repo}{at}"


def fetch(source: HuggingFace, order: Order) -> Delivery:
    """Download the files of a model from the hub, a few at once.

    Args:
        source: the repository.
        order: without files in its model, everything under the prefix is fetched.

    Raises:
        DownloadError: the hub cannot be reached, does not give the files away, or sends other ones than it announces.
    """
    hub = Hub.of_environment(source.repo)
    locked = order.revision if order.revision and _COMMIT.fullmatch(order.revision) else None
    commit = source.revision or locked or run_one(partial(hub.commit, _MAIN), order.progress)
    names = list(order.model.files) or _under(source.prefix, run_one(partial(hub.files, commit), order.progress))
    if not names:
        raise DownloadError(f"{source.repo} has no file under {source.prefix or 'its top folder'}")
    job = _Job(hub, source, commit, order)
    run_all((partial(job.fetch, name) for name in names), order.progress)
    for name in names:  # only now: what is there already is kept for the next run if one fails
        target = order.into / name
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(job.collected(name), target)
    return Delivery(f"Hugging Face hub: {source.repo} at {commit[:_SHORT]}", revision=commit)


@dataclass(frozen=True)
class _Job:
    """The files of one model at one commit."""

    hub: Hub
    source: HuggingFace
    commit: str
    order: Order

    def collected(self, name: str) -> Path:
        """Return where a file is until all are there."""
        return self.order.staging / "files" / name

    def fetch(self, name: str, stop: threading.Event) -> None:
        in_repo = self.source.prefix + self.source.rename.get(name, name)
        published = self.order.model.files.get(name)
        found = self.hub.find(in_repo, self.commit, stop)
        size = published.size if published and published.size is not None else found.size
        path, label = self.collected(name), f"{self.order.model.name}: {name}"
        wanted = Wanted(found.url, path, name=in_repo, label=label, size=size, token=self.hub.token)
        download(wanted, self.order.progress, stop)
        if (published is None or published.sha256 is None) and not _is_what_was_announced(path, found.etag):
            path.unlink()
            raise DownloadError(
                f"{in_repo} arrived from {self.hub.host} as a different file than announced; run this again"
            )


def _under(prefix: str, names: list[str]) -> list[str]:
    """Return the names under a folder, without it."""
    inside = [name.removeprefix(prefix) for name in names if name.startswith(prefix)]
    return [name for name in inside if is_plain(name)]


def _is_what_was_announced(path: Path, etag: str) -> bool:
    """Compare a file with the hub's tag of it: SHA-256 of large files, the name git has for small ones."""
    if len(etag) == _SHA256_DIGITS:
        return sha256(path) == etag
    if len(etag) == _SHA1_DIGITS:
        return _git_name(path) == etag
    return True  # a mirror's own tag says nothing about the content


def _git_name(path: Path) -> str:
    digest = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
