"""One question over HTTP: bounded in its wait, within few connections, never leaving https; and its answer in words.

The words name the host and never the address, which may carry a password.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from convai_rasa.errors import DownloadError
from convai_rasa.store.sources.jobs import TRIES_TO_CONNECT, Transient

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

CONNECT_SECONDS = 10.0
READ_SECONDS = 20.0  # without a single byte
CONNECTIONS = threading.BoundedSemaphore(4)  # of the whole process, however many models it fetches
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_BUSY = {408, 425, 429}


class Absent(DownloadError):
    """The server has no such file, or does not say that it has one."""


def is_allowed(url: str) -> bool:
    """Whether an address is safe to fetch models from: https, or a server on this machine."""
    try:
        parts = urlsplit(url)
        trusted = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        return bool(parts.hostname) and trusted
    except ValueError:
        return False


def host_of(url: str) -> str:
    """Return the host of an address, with its port if that is not the usual one, and without any password."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


@contextlib.contextmanager
def asking(url: str, token: str | None, conditions: Mapping[str, str]) -> Iterator[Response]:
    """Ask for what is at an address; yields the answer with its body still to come.

    Proxies, their exceptions and further certificates come from the environment, logins of hosts from ``~/.netrc``. The
    token goes to the host of the address, and to no other; ``conditions`` are headers that ask for less than the whole.

    Raises:
        Transient: nobody answers, and another try may help.
        DownloadError: none will.
    """
    import requests

    # not as a header: for that requests would prefer a password of that host in ~/.netrc
    def sign(request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {token}"  # requests drops it where a redirect leaves the host
        return request

    with CONNECTIONS, requests.Session() as session:
        session.hooks["response"].append(_stay_encrypted)
        try:
            response = session.get(
                url,
                headers={"Accept-Encoding": "identity", "User-Agent": "convai-rasa", **conditions},
                auth=sign if token else None,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                stream=True,
            )
        except OSError as error:  # those of requests are, and so is a missing file of certificates
            raise no_answer(error, host_of(url), certificates="REQUESTS_CA_BUNDLE") from error
        with response:
            yield response


def check_status(response: Response, host: str, name: str) -> None:
    """Say what an answer means for what was asked for: raises Transient if another try may help."""
    status = response.status_code
    if status in (200, 206):
        return
    check_busy(status, seconds_to_wait(response.headers.get("Retry-After")), host)
    # object stores say 403 where only listing would tell more
    kind = Absent if status in (403, 404, 410) else DownloadError
    reasons = {
        401: f"requires a login for {name} (HTTP 401); put it into ~/.netrc",
        403: f"denies access to {name} (HTTP 403); ask its owner for access",
        **{gone: f"has no {name} (HTTP {gone})" for gone in (404, 410)},
    }
    raise kind(f"{host} {reasons.get(status, f'answers HTTP {status} for {name}')}")


def check_busy(status: int, asked_wait: float | None, host: str) -> None:
    """Raise ``Transient`` for an answer that says that the same question may be answered later."""
    if status in _BUSY or status >= 500:
        raise Transient(f"{host} answers HTTP {status}", "run this again later", asked_wait=asked_wait)


def no_answer(error: Exception, host: str, *, certificates: str) -> Exception:
    """Return what to raise for an error of requests or httpx, whose own words have the whole address in them.

    ``certificates`` is the variable in which the client looks for a file of certificates.
    """
    import httpx
    import requests
    import urllib3.exceptions

    reason = getattr(error.args[0] if error.args else None, "reason", None)  # what urllib3 gave up for
    by_proxy = isinstance(error, (httpx.ProxyError, requests.exceptions.ProxyError))
    unreachable = isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, requests.ConnectTimeout))
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return DownloadError(
            f"the certificate of {host} is not trusted; behind a proxy with its own, set REQUESTS_CA_BUNDLE and "
            "SSL_CERT_FILE to the file that has it"
        )
    if by_proxy or unreachable or isinstance(reason, urllib3.exceptions.NewConnectionError):
        how = "could not be reached through the proxy" if by_proxy else "could not be reached"
        advice = "check the network, and HTTPS_PROXY if you need a proxy"
        return Transient(f"{host} {how}", advice, tries=TRIES_TO_CONNECT)
    if isinstance(error, (httpx.TimeoutException, requests.Timeout)):
        return Transient(f"{host} did not answer in time", "run this again later")
    if isinstance(error, (httpx.TransportError, requests.ConnectionError)):
        return Transient(f"{host} broke off the connection", "run this again later")
    if isinstance(error, ImportError) or "SOCKS" in str(error):
        return DownloadError("a SOCKS proxy needs more packages: pip install 'requests[socks]' 'httpx[socks]'")
    if isinstance(error, requests.TooManyRedirects):
        return DownloadError(f"{host} redirects in a circle; check the address")
    if isinstance(error, requests.RequestException):
        return DownloadError(f"{host} could not be contacted ({type(error).__name__}); check the address and the proxy")
    return DownloadError(f"the certificates that {certificates} names cannot be read; correct it, or unset it")


def seconds_to_wait(retry_after: str | None) -> float | None:
    """Read ``Retry-After``: a number of seconds, or a date."""
    import urllib3

    try:
        return urllib3.Retry().parse_retry_after(retry_after) if retry_after else None
    except urllib3.exceptions.InvalidHeader:
        return None


def _stay_encrypted(response: Response, *_: Any, **__: Any) -> None:
    """Refuse a redirect from https to anything that others can read and change on the way."""
    target = urljoin(response.url, response.headers.get("Location", "")) if response.is_redirect else response.url
    if response.url.startswith("https:") and not target.startswith("https:"):
        raise DownloadError(f"{host_of(response.url)} redirects to an address that is not https, which is not followed")
