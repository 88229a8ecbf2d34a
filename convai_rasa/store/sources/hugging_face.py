"""The Hugging Face hub, or a mirror of it, at one commit.

The hub is asked through its own client, which knows the token, the endpoint and how the hub says no. The bytes come
through ``download``: since version 1.0 the client begins a file anew after a cut, and waits as long as a server
pleases.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional, TypeVar
from urllib.parse import urlsplit

from convai_rasa.errors import DownloadError
from convai_rasa.options import Field
from convai_rasa.store.files import is_plain, sha256
from convai_rasa.store.sources.download import Download
from convai_rasa.store.sources.http import CONNECTIONS, check_busy, host_of, no_answer, seconds_to_wait
from convai_rasa.store.sources.jobs import persist, run_all
from convai_rasa.store.sources.place import Delivery, Order, Place

if TYPE_CHECKING:
    from huggingface_hub import HfFileMetadata
    from huggingface_hub.errors import HfHubHTTPError

_COMMIT = re.compile("[0-9a-f]{40}")
_SHORT = 12  # digits of a commit that are enough to find it
_YES = {"1", "ON", "YES", "TRUE"}  # as the client reads its variables
_THE_HUB = "huggingface.co"
Result = TypeVar("Result")


class HuggingFace(Place):
    """A repository on the hub, such as ``Systran/faster-whisper-small``, at the commit ``revision``.

    Without one it is the commit that ``main`` is at, or models.lock has. The files lie under the folder ``prefix``,
    which has a trailing slash; ``rename`` has the names there of those that are called otherwise.
    """

    repo: str = Field(regex=r"^[\w-][\w.-]*(/[\w-][\w.-]*)?$")
    revision: Optional[str] = Field(None, regex="^[0-9a-f]{40}$")
    prefix: str = Field("", regex="^([^/].*/)?$")
    rename: dict[str, str] = Field(default_factory=dict)

    def __str__(self) -> str:
        return f"Hugging Face hub: {self.repo}" + (f" at {self.revision[:_SHORT]}" if self.revision else "")

    def fetch(self, order: Order) -> Delivery:
        """See Place; without files in the order, everything under the prefix is fetched."""
        hub = _Hub(self.repo, order.stop)
        locked = order.revision if order.revision and _COMMIT.fullmatch(order.revision) else None
        commit, names = self.revision or locked, list(order.files)
        if not commit or not names:
            commit, there = hub.look(commit or "main")
            inside = (file.removeprefix(self.prefix) for file in there if file.startswith(self.prefix))
            names = names or [name for name in inside if is_plain(name)]
        if not names:
            raise DownloadError(f"{self.repo} has no file under {self.prefix or 'its top folder'}")
        run_all((partial(self._fetch, hub, commit, order, name) for name in names), order.stop)
        order.hand_over({name: order.part(name) for name in names})
        return Delivery(f"Hugging Face hub: {self.repo} at {commit[:_SHORT]}", revision=commit)

    def _fetch(self, hub: _Hub, commit: str, order: Order, name: str) -> None:
        there, published = self.prefix + self.rename.get(name, name), order.files.get(name)
        url, found = hub.find(there, commit)
        size = published.size if published and published.size is not None else found.size
        Download(order, url, name, there, size, token=hub.token).run()
        path = order.part(name)
        if (published is None or published.sha256 is None) and not _is_what_was_announced(path, str(found.etag)):
            path.unlink()
            raise DownloadError(f"{there} arrived from {hub.host} as a different file than announced; run this again")


def _is_what_was_announced(path: Path, etag: str) -> bool:
    """Compare a file with the hub's tag of it: SHA-256 of large files, the name git has for small ones."""
    if len(etag) == 2 * hashlib.sha256().digest_size:
        return sha256(path) == etag
    if _COMMIT.fullmatch(etag):
        content = path.read_bytes()
        return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest() == etag
    return True  # a mirror's own tag says nothing about the content


class _Hub:
    """One repository of the hub, or of a mirror, by the client's own variables and its stored login.

    Every question, which is not asked again once ``stop`` is set, raises DownloadError if it is not answered, and so do
    variables that say that the hub must not be asked, or name an address that is none.
    """

    def __init__(self, repo: str, stop: threading.Event) -> None:
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # nothing leaves this machine
        from huggingface_hub import constants, get_token

        offline = os.environ.get("HF_HUB_OFFLINE") or os.environ.get("TRANSFORMERS_OFFLINE") or ""
        if offline.upper() in _YES or constants.HF_HUB_OFFLINE:
            raise DownloadError("the Hugging Face hub is not contacted while HF_HUB_OFFLINE is set")
        self._endpoint = (os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/")
        if not self._endpoint.startswith(("https://", "http://")) or not urlsplit(self._endpoint).hostname:
            raise DownloadError(f"HF_ENDPOINT is not a valid address; set it to one such as https://{_THE_HUB}")
        if not (os.environ.get("HF_HUB_VERBOSITY") or constants.HF_DEBUG):
            logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # what it warns of, the errors here say
        self.host = host_of(self._endpoint)
        self.token = None if constants.HF_HUB_DISABLE_IMPLICIT_TOKEN else get_token()  # None: anybody asks
        self._asking: dict[str, Any] = {"token": self.token or False, "endpoint": self._endpoint}
        self._timeout = constants.HF_HUB_ETAG_TIMEOUT
        self._repo, self._stop = repo, stop

    def look(self, revision: str) -> tuple[str, list[str]]:
        """Return the commit that a branch, tag or commit is at, and the names of all files there."""
        from huggingface_hub import HfApi

        api: Any = HfApi(**self._asking)
        wanted = {"revision": revision, "timeout": self._timeout, "expand": ["sha", "siblings"]}
        about = self._ask(partial(api.model_info, self._repo, **wanted), f"revision {revision}")
        if not about.sha:
            raise self._no_hub()
        return str(about.sha), [sibling.rfilename for sibling in about.siblings or ()]

    def find(self, name: str, commit: str) -> tuple[str, HfFileMetadata]:
        """Return the address of what the hub has under a name at a commit (40 hex digits), and what it says of it."""
        from huggingface_hub import get_hf_file_metadata, hf_hub_url

        url = hf_hub_url(self._repo, name, revision=commit, endpoint=self._endpoint)
        found = self._ask(partial(get_hf_file_metadata, url, timeout=self._timeout, **self._asking), name)
        if found.commit_hash is None or found.etag is None:
            raise self._no_hub()
        if found.commit_hash != commit:
            raise DownloadError(f"{self.host} has {name} at commit {found.commit_hash}, not at {commit}")
        # The token may follow where a mirror sends us on to the hub itself. Elsewhere the address is signed and
        # expires, so every try begins at the hub.
        return (found.location if host_of(found.location) == _THE_HUB else url), found

    def _ask(self, question: Callable[[], Result], what: str) -> Result:
        """Return the answer to a question, or say in one sentence why there is none."""
        import httpx
        from huggingface_hub.errors import HfHubHTTPError

        def once() -> Result:
            try:
                with CONNECTIONS:
                    return question()
            except HfHubHTTPError as error:
                raise self._refusal(error, what) from error
            except (httpx.TransportError, ImportError, OSError) as error:
                raise no_answer(error, self.host, certificates="SSL_CERT_FILE") from error
            except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:  # no or other JSON
                raise self._no_hub() from error

        return persist(once, self._stop)

    def _no_hub(self) -> DownloadError:
        return DownloadError(f"{self.host} does not answer as a Hugging Face hub does; check HF_ENDPOINT and the proxy")

    def _refusal(self, error: HfHubHTTPError, what: str) -> DownloadError:
        """Return what to raise for an answer that is an error; raises ``Transient`` if it may not be one later."""
        from huggingface_hub import errors
        from huggingface_hub.utils import parse_ratelimit_headers

        status, repo, headers = error.response.status_code, self._repo, error.response.headers
        account = "use an HF_TOKEN" if self.token else "set HF_TOKEN to a token"
        if isinstance(error, errors.GatedRepoError):
            return DownloadError(
                f"{repo} asks you to accept its license first (HTTP {status}); do that on its page at {self.host}, and "
                f"{account} of the account you did it with"
            )
        if isinstance(error, errors.RevisionNotFoundError):
            return DownloadError(f"{repo} has no such revision (HTTP {status}); check the one that is asked for")
        if isinstance(error, errors.RemoteEntryNotFoundError):
            return DownloadError(f"{repo} has no {what} (HTTP {status})")
        limits = parse_ratelimit_headers(headers)
        used_up = limits is not None and limits.remaining == 0
        asked = float(limits.reset_in_seconds) if limits and used_up else seconds_to_wait(headers.get("Retry-After"))
        check_busy(status, asked, self.host)
        unknown = isinstance(error, errors.RepositoryNotFoundError)
        if status == 401 and self.token and not unknown:
            return DownloadError(f"{self.host} does not accept the token (HTTP 401); set HF_TOKEN to a valid one")
        if unknown or status in (401, 403, 404):
            return DownloadError(
                f"{self.host} has no {repo}, or does not show it to everybody (HTTP {status}); check its name, and "
                f"{account} of an account that may read it"
            )
        return DownloadError(f"{self.host} answers HTTP {status} for {what} of {repo}")
