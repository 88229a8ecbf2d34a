"""What an answer over HTTP, or the lack of one, means in words: without the address, which may carry a password."""

from __future__ import annotations

import datetime
import email.utils
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from convai_rasa.errors import DownloadError
from convai_rasa.store.sources.retries import TRIES_TO_CONNECT, Transient

if TYPE_CHECKING:
    from requests import Response

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_BUSY = {408, 425, 429}


class Refused(DownloadError):
    """The server answered, and the answer is no.

    Attributes:
        status: of the answer.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def is_allowed(url: str) -> bool:
    """Whether an address is safe to fetch models from: https, or a server on this machine."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (
            parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        )
    except ValueError:
        return False


def host_of(url: str) -> str:
    """Return the host of an address, with its port if that is not the usual one, and without any password."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def check_status(response: Response, host: str, name: str) -> None:
    """Do nothing about success; otherwise say in words what the answer means.

    Args:
        response: the answer.
        host: who answered.
        name: what was asked for.

    Raises:
        Transient: another try may help.
        Refused: none will.
    """
    status = response.status_code
    if status in (200, 206):
        return
    if is_busy(status):
        raise busy(status, seconds_to_wait(response.headers.get("Retry-After")), host)
    if status == 401:
        reason = f"{host} requires a login for {name} (HTTP 401); put it into ~/.netrc"
    elif status == 403:
        reason = f"{host} denies access to {name} (HTTP 403); ask its owner for access"
    elif status in (404, 410):
        reason = f"{host} has no {name} (HTTP {status})"
    else:
        reason = f"{host} answers HTTP {status} for {name}"
    raise Refused(reason, status)


def is_busy(status: int) -> bool:
    """Whether an answer says that the same question may be answered later."""
    return status in _BUSY or status >= 500


def busy(status: int, asked_wait: float | None, host: str) -> Transient:
    """Return the failure of a server that may answer later."""
    return Transient(f"{host} answers HTTP {status}", "run this again later", asked_wait=asked_wait)


def unreachable(host: str, how: str = "could not be reached") -> Transient:
    """Return the failure of a server that nobody got hold of."""
    advice = "check the network, and HTTPS_PROXY if you need a proxy"
    return Transient(f"{host} {how}", advice, tries=TRIES_TO_CONNECT)


def distrusted(host: str) -> DownloadError:
    """Return the error of a server with a certificate that is not trusted."""
    return DownloadError(
        f"the certificate of {host} is not trusted; behind a proxy with its own, set REQUESTS_CA_BUNDLE and "
        "SSL_CERT_FILE to the file that has it"
    )


def unreadable_certificates(variable: str) -> DownloadError:
    """Return the error of a file with certificates that is not there."""
    return DownloadError(f"the certificates that {variable} names cannot be read; correct it, or unset it")


def needs_socks() -> DownloadError:
    """Return the error of a proxy that needs more than is installed."""
    return DownloadError("a SOCKS proxy needs more packages: pip install 'requests[socks]' 'httpx[socks]'")


def no_answer(error: OSError, host: str) -> Exception:
    """Return what to raise for an error of requests, whose own words have the whole address in them."""
    import requests
    import urllib3.exceptions

    if not isinstance(error, requests.RequestException):
        return unreadable_certificates("REQUESTS_CA_BUNDLE")
    if isinstance(error, requests.exceptions.InvalidSchema) and "SOCKS" in str(error):
        return needs_socks()
    if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return distrusted(host)
    if isinstance(error, requests.exceptions.ProxyError):
        return unreachable(host, "could not be reached through the proxy")
    if isinstance(error, requests.ConnectTimeout):
        return unreachable(host)
    if isinstance(error, requests.Timeout):
        return Transient(f"{host} did not answer in time", "run this again later")
    if isinstance(error, requests.ConnectionError):
        cause = getattr(error.args[0] if error.args else None, "reason", None)
        never = isinstance(cause, urllib3.exceptions.NewConnectionError)
        return unreachable(host) if never else Transient(f"{host} broke off the connection", "run this again later")
    if isinstance(error, requests.TooManyRedirects):
        return DownloadError(f"{host} redirects in a circle; check the address")
    return DownloadError(f"{host} could not be contacted ({type(error).__name__}); check the address and the proxy")


def seconds_to_wait(retry_after: str | None) -> float | None:
    """Read ``Retry-After``: a number of seconds, or a date."""
    if retry_after is None:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        then = email.utils.parsedate_to_datetime(retry_after)
        return max(0.0, (then - datetime.datetime.now(datetime.timezone.utc)).total_seconds())
    except (TypeError, ValueError):  # no date, or one without a time zone
        return None
