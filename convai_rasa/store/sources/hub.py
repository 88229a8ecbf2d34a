"""What is asked of the Hugging Face hub, through its own client, and its refusals in words."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from convai_rasa.errors import DownloadError
from convai_rasa.store.sources.http import CONNECTIONS, check_busy, host_of, no_answer, seconds_to_wait
from convai_rasa.store.sources.jobs import persist

if TYPE_CHECKING:
    from huggingface_hub.errors import HfHubHTTPError

_YES = {"1", "ON", "YES", "TRUE"}  # as the client reads its variables
_THE_HUB = "huggingface.co"
Result = TypeVar("Result")


class HubFile(NamedTuple):
    """One file as the hub describes it."""

    url: str
    size: int | None  # bytes, if the hub says that
    etag: str  # SHA-256 of large files, the name git has for small ones; something else on some mirrors


@dataclass(frozen=True)
class Hub:
    """One repository of the hub, or of a mirror; every question raises DownloadError if it is not answered."""

    endpoint: str  # without a slash at its end
    repo: str
    token: str | None = field(repr=False)  # None: anybody asks
    timeout: float  # seconds to wait for an answer
    stop: threading.Event  # once it is set, nobody is asked again

    @classmethod
    def of_environment(cls, repo: str, stop: threading.Event) -> Hub:
        """Read the client's own variables and its stored login.

        Raises:
            DownloadError: they say that the hub must not be asked, or name an address that is none.
        """
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # nothing leaves this machine
        from huggingface_hub import constants, get_token

        offline = os.environ.get("HF_HUB_OFFLINE") or os.environ.get("TRANSFORMERS_OFFLINE") or ""
        if offline.upper() in _YES or constants.HF_HUB_OFFLINE:
            raise DownloadError("the Hugging Face hub is not contacted while HF_HUB_OFFLINE is set")
        endpoint = (os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/")
        if not endpoint.startswith(("https://", "http://")) or not urlsplit(endpoint).hostname:
            raise DownloadError(f"HF_ENDPOINT is not a valid address; set it to one such as https://{_THE_HUB}")
        if not (os.environ.get("HF_HUB_VERBOSITY") or constants.HF_DEBUG):
            logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # what it warns of, the errors here say
        token = None if constants.HF_HUB_DISABLE_IMPLICIT_TOKEN else get_token()
        return cls(endpoint, repo, token, constants.HF_HUB_ETAG_TIMEOUT, stop)

    @property
    def host(self) -> str:
        """Its name, for messages."""
        return host_of(self.endpoint)

    def commit(self, revision: str) -> str:
        """Return the commit that a branch or tag is at."""
        sha = self._about(revision, "sha").sha
        if not sha:
            raise self._no_hub()
        return str(sha)

    def files(self, commit: str) -> list[str]:
        """Return the names of all files at a commit."""
        return [sibling.rfilename for sibling in self._about(commit, "siblings").siblings or ()]

    def find(self, name: str, commit: str) -> HubFile:
        """Return what the hub has under a name at a commit (40 hex digits)."""
        from huggingface_hub import get_hf_file_metadata, hf_hub_url

        url = hf_hub_url(self.repo, name, revision=commit, endpoint=self.endpoint)
        ask = partial(
            get_hf_file_metadata, url, token=self.token or False, timeout=self.timeout, endpoint=self.endpoint
        )
        found = persist(lambda: self._in_words(ask, name), self.stop)
        if found.commit_hash is None or found.etag is None:
            raise self._no_hub()
        if found.commit_hash != commit:
            raise DownloadError(f"{self.host} has {name} at commit {found.commit_hash}, not at {commit}")
        # The token may follow where a mirror sends us on to the hub itself. Elsewhere the address is signed and
        # expires, so every try begins at the hub.
        return HubFile(found.location if host_of(found.location) == _THE_HUB else url, found.size, found.etag)

    def _about(self, revision: str, wanted: str) -> Any:
        from huggingface_hub import HfApi

        api: Any = HfApi(endpoint=self.endpoint, token=self.token or False)
        ask = partial(api.model_info, self.repo, revision=revision, timeout=self.timeout, expand=[wanted])
        return persist(lambda: self._in_words(ask, f"revision {revision}"), self.stop)

    def _no_hub(self) -> DownloadError:
        return DownloadError(f"{self.host} does not answer as a Hugging Face hub does; check HF_ENDPOINT and the proxy")

    def _in_words(self, ask: Callable[[], Result], what: str) -> Result:
        """Ask; says in one sentence why there is no answer."""
        import httpx
        from huggingface_hub.errors import HfHubHTTPError

        try:
            with CONNECTIONS:
                return ask()
        except HfHubHTTPError as error:
            raise self._refusal(error, what) from error
        except (httpx.TransportError, ImportError, OSError) as error:
            raise no_answer(error, self.host, certificates="SSL_CERT_FILE") from error
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:  # no JSON, or no such one
            raise self._no_hub() from error

    def _refusal(self, error: HfHubHTTPError, what: str) -> DownloadError:
        """Return what to raise for an answer that is an error; raises ``Transient`` if it may not be one later."""
        from huggingface_hub import errors

        status, repo = error.response.status_code, self.repo
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
        check_busy(status, _asked_wait(error), self.host)
        if status == 401 and self.token and not isinstance(error, errors.RepositoryNotFoundError):
            return DownloadError(f"{self.host} does not accept the token (HTTP 401); set HF_TOKEN to a valid one")
        if isinstance(error, errors.RepositoryNotFoundError) or status in (401, 403, 404):
            return DownloadError(
                f"{self.host} has no {repo}, or does not show it to everybody (HTTP {status}); check its name, and "
                f"{account} of an account that may read it"
            )
        return DownloadError(f"{self.host} answers HTTP {status} for {what} of {repo}")


def _asked_wait(error: HfHubHTTPError) -> float | None:
    """Return the seconds that the hub asks to wait for."""
    from huggingface_hub.utils import parse_ratelimit_headers

    headers = error.response.headers
    limits = parse_ratelimit_headers(headers)
    if limits is not None and limits.remaining == 0:
        return float(limits.reset_in_seconds)
    return seconds_to_wait(headers.get("Retry-After"))
