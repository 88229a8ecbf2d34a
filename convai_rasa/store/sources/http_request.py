"""One question over HTTP: bounded in its wait, within few connections, and never leaving https."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin

from convai_rasa.errors import DownloadError
from convai_rasa.store.sources.http_answers import Refused, check_status, host_of, no_answer
from convai_rasa.store.sources.retries import persist

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

CONNECT_SECONDS = 10.0
READ_SECONDS = 20.0  # without a single byte
CONNECTIONS = threading.BoundedSemaphore(4)  # of the whole process, however many models it fetches


@contextlib.contextmanager
def asking(
    url: str, token: str | None = None, conditions: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Response]:
    """Ask for what is at an address; yields the answer with its body still to come.

    Proxies, their exceptions and further certificates come from the environment, logins of hosts from ``~/.netrc``.

    Args:
        url: the address.
        token: goes to the host of the address, and to no other, as bearer token.
        conditions: headers that ask for less than the whole.

    Raises:
        Transient: nobody answers, and another try may help.
        DownloadError: none will.
    """
    import requests

    with CONNECTIONS, requests.Session() as session:
        session.hooks["response"].append(_stay_encrypted)
        try:
            response = session.get(
                url,
                headers={"Accept-Encoding": "identity", "User-Agent": "convai-rasa", **conditions},
                auth=_bearer(token) if token else None,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                stream=True,
            )
        except OSError as error:  # those of requests are, and so is a missing file of certificates
            raise no_answer(error, host_of(url)) from error
        with response:
            yield response


def is_there(url: str, stop: threading.Event | None = None) -> bool:
    """Whether a server has something at an address that it gives away.

    Args:
        url: the address.
        stop: once it is set, asking ends.

    Raises:
        DownloadError: it cannot be reached, is too busy, or asks for a login.
        Stopped: it was stopped.
    """

    def ask() -> None:
        with asking(url) as response:
            check_status(response, host_of(url), unquote(url.rpartition("/")[2]))

    try:
        persist(ask, stop)
    except Refused as refusal:
        if refusal.status in (403, 404, 410):  # object stores say 403 where only listing would tell more
            return False
        raise
    return True


def _bearer(token: str) -> Callable[[PreparedRequest], PreparedRequest]:
    """Return what signs the first request; requests takes it away where a redirect leaves the host."""

    # not as a header: for that requests would prefer a password of that host in ~/.netrc
    def sign(request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {token}"
        return request

    return sign


def _stay_encrypted(response: Response, *_: Any, **__: Any) -> None:
    """Refuse a redirect from https to anything that others can read and change on the way."""
    target = urljoin(response.url, response.headers.get("Location", "")) if response.is_redirect else response.url
    if response.url.startswith("https:") and not target.startswith("https:"):
        raise DownloadError(f"{host_of(response.url)} redirects to an address that is not https, which is not followed")
