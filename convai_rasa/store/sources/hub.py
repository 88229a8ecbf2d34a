"""What is asked of the Hugging Face hub, through its own client, and its refusals in words."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from urllib.parse import urlsplit

from convai_rasa.errors import DownloadError
from convai_rasa.store.sources.http_answers import (
    busy,
    distrusted,
    host_of,
    is_busy,
    needs_socks,
    seconds_to_wait,
    unreachable,
    unreadable_certificates,
)
from convai_rasa.store.sources.http_request import CONNECTIONS
from convai_rasa.store.sources.retries import Transient, persist

if TYPE_CHECKING:
    from huggingface_hub.errors import HfHubHTTPError

_YES = {"1", "ON", "YES", "TRUE"}  # as the client reads its variables
_THE_HUB = "huggingface.co"
Result = TypeVar("Result")


@dataclass(frozen=True)
class HubFile:
    """One file as the hub describes it.

    Attributes:
        url: where its bytes are.
        size: how many; None if the hub does not say.
        etag: SHA-256 of large files, the name git has for small ones; something else on some mirrors.
    """

    url: str
    size: int | None
    etag: str


@dataclass(frozen=True)
class Hub:
    """One repository of the hub, or of a mirror.

    Attributes:
        endpoint: address of the hub, without a slash at its end.
        repo: the repository's name.
        token: who asks; None for anybody.
        timeout: seconds to wait for an answer.
    """

    endpoint: str
    repo: str
    token: str | None = field(repr=False)
    timeout: float

    @classmethod
    def of_environment(cls, repo: str) -> Hub:
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
        return cls(endpoint, repo, token, constants.HF_HUB_ETAG_TIMEOUT)

    @property
    def host(self) -> str:
        """Its name, for messages."""
        return host_of(self.endpoint)

    def commit(self, revision: str, stop: threading.Event) -> str:
        """Return the commit that a branch or tag is at.

        Raises:
            DownloadError: the hub does not say.
        """
        sha = self._about(revision, "sha", stop).sha
        if not sha:
            raise self._no_hub()
        return str(sha)

    def files(self, commit: str, stop: threading.Event) -> list[str]:
        """Return the names of all files at a commit.

        Raises:
            DownloadError: the hub does not say.
        """
        return [sibling.rfilename for sibling in self._about(commit, "siblings", stop).siblings or ()]

    def find(self, name: str, commit: str, stop: threading.Event) -> HubFile:
        """Ask what the hub has under a name.

        Args:
            name: path in the repository.
            commit: 40 hex digits.
            stop: once it is set, asking ends.

        Raises:
            DownloadError: it has no such file, does not give it away, or cannot be reached.
        """
        from huggingface_hub import get_hf_file_metadata, hf_hub_url

        url = hf_hub_url(self.repo, name, revision=commit, endpoint=self.endpoint)
        ask = partial(
            get_hf_file_metadata, url, token=self.token or False, timeout=self.timeout, endpoint=self.endpoint
        )
        found = persist(lambda: self._in_words(ask, name), stop)
        if found.commit_hash is None or found.etag is None:
            raise self._no_hub()
        if found.commit_hash != commit:
            raise DownloadError(f"{self.host} has {name} at commit {found.commit_hash}, not at {commit}")
        # The token may follow where a mirror sends us on to the hub itself. Elsewhere the address is signed and
        # expires, so every try begins at the hub.
        return HubFile(found.location if host_of(found.location) == _THE_HUB else url, found.size, found.etag)

    def _about(self, revision: str, wanted: Literal["sha", "siblings"], stop: threading.Event) -> Any:
        from huggingface_hub import HfApi

        api = HfApi(endpoint=self.endpoint, token=self.token or False)
        ask = partial(api.model_info, self.repo, revision=revision, timeout=self.timeout, expand=[wanted])
        return persist(lambda: self._in_words(ask, f"revision {revision}"), stop)

    def _no_hub(self) -> DownloadError:
        return DownloadError(f"{self.host} does not answer as a Hugging Face hub does; check HF_ENDPOINT and the proxy")

    def _in_words(self, ask: Callable[[], Result], what: str) -> Result:
        """Ask; says in one sentence why there is no answer."""
        import httpx
        from huggingface_hub import errors

        try:
            with CONNECTIONS:
                return ask()
        except errors.HfHubHTTPError as error:
            raise self._refusal(error, what) from error
        except httpx.ProxyError as error:
            raise unreachable(self.host, "could not be reached through the proxy") from error
        except httpx.ConnectError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise distrusted(self.host) from error
            raise unreachable(self.host) from error
        except httpx.ConnectTimeout as error:
            raise unreachable(self.host) from error
        except httpx.TimeoutException as error:
            raise Transient(f"{self.host} did not answer in time", "run this again later") from error
        except httpx.TransportError as error:
            raise Transient(f"{self.host} broke off the connection", "run this again later") from error
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:  # no JSON, or no such one
            raise self._no_hub() from error
        except ImportError as error:
            raise needs_socks() from error
        except OSError as error:
            raise unreadable_certificates("SSL_CERT_FILE") from error

    def _refusal(self, error: HfHubHTTPError, what: str) -> Exception:
        """Return what to raise for an answer that is an error."""
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
        if is_busy(status):
            return busy(status, _asked_wait(error), self.host)
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
