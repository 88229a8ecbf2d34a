"""The Hugging Face hub, or a mirror of it, at one commit.

The hub is asked through its own client, which knows the token, the endpoint and how the hub says no. The bytes come
through ``download``: since version 1.0 the client begins a file anew after a cut, and waits as long as a server
pleases.
"""

from __future__ import annotations

import hashlib
import re
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Optional

from convai_rasa.errors import DownloadError
from convai_rasa.options import Field, validator
from convai_rasa.store.files import is_plain, sha256
from convai_rasa.store.sources.download import Wanted, download
from convai_rasa.store.sources.hub import Hub
from convai_rasa.store.sources.jobs import run_all
from convai_rasa.store.sources.place import Delivery, Order, Place

_COMMIT = re.compile("[0-9a-f]{40}")
_SHORT = 12  # digits of a commit that are enough to find it
_SHA1_DIGITS, _SHA256_DIGITS = 40, 64


class HuggingFace(Place):
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
        return f"Hugging Face hub: {self.repo}" + (f" at {self.revision[:_SHORT]}" if self.revision else "")

    def fetch(self, order: Order) -> Delivery:
        """See Place; without files in the order, everything under the prefix is fetched."""
        hub = Hub.of_environment(self.repo, order.stop)
        locked = order.revision if order.revision and _COMMIT.fullmatch(order.revision) else None
        commit = self.revision or locked or hub.commit("main")
        names = list(order.files)
        if not names:
            there = hub.files(commit)
            inside = (name.removeprefix(self.prefix) for name in there if name.startswith(self.prefix))
            names = [name for name in inside if is_plain(name)]
        if not names:
            raise DownloadError(f"{self.repo} has no file under {self.prefix or 'its top folder'}")
        parts = {name: order.staging / "files" / name for name in names}
        run_all((partial(self._fetch, hub, commit, order, *part) for part in parts.items()), order.stop)
        order.hand_over(parts)
        return Delivery(f"Hugging Face hub: {self.repo} at {commit[:_SHORT]}", revision=commit)

    def _fetch(self, hub: Hub, commit: str, order: Order, name: str, path: Path) -> None:
        there, published = self.prefix + self.rename.get(name, name), order.files.get(name)
        found = hub.find(there, commit)
        size = published.size if published and published.size is not None else found.size
        wanted = Wanted(found.url, path, there, f"{order.name}: {name}", size=size, token=hub.token)
        download(wanted, order.progress, order.stop)
        if (published is None or published.sha256 is None) and not _is_what_was_announced(path, found.etag):
            path.unlink()
            raise DownloadError(f"{there} arrived from {hub.host} as a different file than announced; run this again")


def _is_what_was_announced(path: Path, etag: str) -> bool:
    """Compare a file with the hub's tag of it: SHA-256 of large files, the name git has for small ones."""
    if len(etag) == _SHA256_DIGITS:
        return sha256(path) == etag
    if len(etag) == _SHA1_DIGITS:
        content = path.read_bytes()
        return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest() == etag
    return True  # a mirror's own tag says nothing about the content
