"""The two drivers of object stores, which come with fsspec: how each is opened, and what it takes and says.

Credentials, endpoints, proxies and certificates are those the drivers find in their usual environment; nothing of them
is kept or shown.
"""

from __future__ import annotations

import abc
import asyncio
import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar

from convai_rasa.errors import DownloadError, require
from convai_rasa.store.sources.jobs import Transient

CONNECT_SECONDS = 10
READ_SECONDS = 30  # without a single byte
PART_BYTES = 16 << 20  # one part of an upload, a multiple of 256 KiB as GCS wants it
PARTS = 2  # of one file at once, where the driver can
_TRIES = 2  # of ours: the drivers have tried several times themselves before they give up
_BUSY = {408, 429, 500, 502, 503, 504}

_DENIED = "access to the bucket {bucket} is denied; to use other credentials, {ask}"
_NONE = "there are no credentials; {ask}"
_INCOMPLETE = "the credentials are incomplete or out of date; {ask}"
_REFUSED = "the credentials are refused ({code}); {ask}"
_ELSEWHERE = "the bucket {bucket} is in another region; set AWS_DEFAULT_REGION"
_UNTRUSTED = "its certificate is not trusted; name {}"
_CHANGED = "a file was changed there while it was read; run this again"


# what may be gone at the next try
_CUT = partial(Transient, "the connection was interrupted", "check the network, then run this again to continue")
_CUT_TWICE = partial(_CUT, tries=_TRIES)
_UNREACHABLE = partial(Transient, "the object store could not be reached")


class Driver(abc.ABC):
    """What differs between the two drivers."""

    ask: str  # what to do for other credentials
    version: str  # what in the description of an object changes when its content does
    uploading: ClassVar[dict[str, Any]]  # how a file is uploaded
    metadata: str  # what a driver calls the names and values that are kept beside an object
    codes: ClassVar[dict[str, str]]  # what answers of the store mean, with {bucket}, {ask}, {code} and {missing}
    errors: ClassVar[dict[str, str | Callable[[], Transient]]]  # what exceptions mean, by their package and name
    busy_tries: int | None = None

    @abc.abstractmethod
    def open(self) -> Any:
        """Return the fsspec file system."""

    def close(self, fs: Any) -> None:  # noqa: B027  # only one has any to close
        """Close its connections."""

    @abc.abstractmethod
    def answer(self, error: BaseException) -> tuple[str, int] | None:
        """Return the code and the HTTP status of the answer that an exception stands for, None if for none."""

    def explain(self, error: BaseException, bucket: str, missing: str) -> DownloadError | Transient:
        """Return what an exception means, in words and without secrets; ``missing`` is for an object that is not there.

        A driver may hide what happened behind a mishap of its own, so those behind an exception are looked at too.
        """
        for cause in _chain(error):
            names = [f"{cls.__module__.partition('.')[0]}.{cls.__name__}" for cls in type(cause).__mro__]
            code, status = self.answer(cause) or ("", 0)
            found = self.codes.get(code) or next((self.errors[name] for name in names if name in self.errors), None)
            if found is None and (status in _BUSY or code == "SlowDown"):
                return Transient(f"the object store is busy ({code})", "run this again later", tries=self.busy_tries)
            if callable(found):
                return found()
            if found or code:
                words = found or "the object store answers {code}"
                return DownloadError(words.format(bucket=bucket, ask=self.ask, code=code, missing=missing))
        if isinstance(error, (asyncio.TimeoutError, TimeoutError, ConnectionError)):  # let through from below
            return _CUT()
        return DownloadError(f"the driver failed ({type(error).__name__})")


class _S3(Driver):
    ask = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
    version = "ETag"
    uploading: ClassVar = {"max_concurrency": PARTS}
    metadata = "Metadata"
    codes: ClassVar = {
        "NoSuchBucket": "there is no bucket {bucket}",
        "InvalidEndpoint": "AWS_ENDPOINT_URL is not the address of an object store, such as https://host:9000",
        **dict.fromkeys(("NoSuchKey", "404"), "{missing}"),
        **dict.fromkeys(("AuthFailure", "ExpiredToken", "InvalidAccessKeyId", "InvalidToken"), _REFUSED),
        **dict.fromkeys(("RequestTimeTooSkewed", "SignatureDoesNotMatch", "TokenRefreshRequired"), _REFUSED),
        **dict.fromkeys(("AccessDenied", "AllAccessDisabled", "AccountProblem", "Forbidden", "403"), _DENIED),
        **dict.fromkeys(("AuthorizationHeaderMalformed", "IllegalLocationConstraintException"), _ELSEWHERE),
        **dict.fromkeys(("PermanentRedirect", "301"), _ELSEWHERE),
        **dict.fromkeys(("InvalidRange", "PreconditionFailed", "412", "416"), _CHANGED),
    }
    errors: ClassVar = {
        **dict.fromkeys(("botocore.NoCredentialsError", "botocore.NoAuthTokenError"), _NONE),
        "botocore.ProfileNotFound": "the AWS configuration has no profile with the name in AWS_PROFILE",
        **dict.fromkeys(("botocore.PartialCredentialsError", "botocore.CredentialRetrievalError"), _INCOMPLETE),
        **dict.fromkeys(("botocore.TokenRetrievalError", "botocore.SSOTokenLoadError"), _INCOMPLETE),
        "botocore.UnauthorizedSSOTokenError": _INCOMPLETE,
        "botocore.SSLError": _UNTRUSTED.format("the one to trust in AWS_CA_BUNDLE"),
        "botocore.ConnectionError": partial(
            _UNREACHABLE, "check the network, the proxy and AWS_ENDPOINT_URL", tries=_TRIES
        ),
        **dict.fromkeys(("botocore.HTTPClientError", "botocore.IncompleteReadError", "aiohttp.ClientError"), _CUT),
    }

    def open(self) -> Any:
        s3fs = require("s3fs", extra="s3")
        config = {
            "connect_timeout": CONNECT_SECONDS,
            "read_timeout": READ_SECONDS,
            "retries": {"mode": "standard", "total_max_attempts": 2},
        }
        return s3fs.S3FileSystem(config_kwargs=config, use_listings_cache=False, skip_instance_cache=True)

    def answer(self, error: BaseException) -> tuple[str, int] | None:
        from botocore.exceptions import ClientError

        if isinstance(error, ValueError) and "endpoint" in str(error):
            return "InvalidEndpoint", 0
        if not isinstance(error, ClientError):
            return None
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return error.response.get("Error", {}).get("Code", "") or str(status), status


class _GoogleCloudStorage(Driver):
    ask = "set GOOGLE_APPLICATION_CREDENTIALS, or run: gcloud auth application-default login"
    version = "generation"
    uploading: ClassVar = {"consistency": "md5"}
    metadata = "metadata"
    busy_tries = _TRIES
    codes: ClassVar = {
        "400": "the object store does not understand the request",
        "401": "there are no credentials, or they are refused; {ask}",
        "403": _DENIED,
        "404": "{missing}",
        "416": _CHANGED,
    }
    errors: ClassVar = {
        "google.GoogleAuthError": "the credentials could not be used; {ask}",
        "aiohttp.ClientConnectorCertificateError": _UNTRUSTED.format("those to trust in SSL_CERT_FILE"),
        "aiohttp.ClientConnectorError": partial(_UNREACHABLE, "check the network and the proxy", tries=1),
        **dict.fromkeys(("aiohttp.ClientError", "requests.RequestException", "gcsfs.ChecksumError"), _CUT_TWICE),
    }

    def open(self) -> Any:
        import aiohttp

        gcsfs = require("gcsfs", extra="gcs")
        # Google's emulator convention: whoever names one is not asked who they are
        token = "anon" if os.environ.get("STORAGE_EMULATOR_HOST") else None
        return gcsfs.GCSFileSystem(
            token=token,
            requests_timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=READ_SECONDS),
            session_kwargs={"trust_env": True},  # proxies
            use_listings_cache=False,
            skip_instance_cache=True,
        )

    def close(self, fs: Any) -> None:  # only one has any to close
        from fsspec.asyn import sync

        if fs.session is not None:  # the driver would do it too late, and complain
            sync(fs.loop, fs.session.close)

    def answer(self, error: BaseException) -> tuple[str, int] | None:
        from gcsfs.retry import HttpError

        in_words = {FileNotFoundError: ("", 404), OSError: ("Forbidden", 403), ValueError: ("Bad Request", 400)}
        status = int(error.code or 0) if isinstance(error, HttpError) else 0
        for kind, (words, meaning) in in_words.items():
            if not status and isinstance(error, kind) and str(error).startswith(words):
                status = meaning
        return (str(status), status) if status else None


DRIVERS: dict[str, Driver] = {"s3": _S3(), "gs": _GoogleCloudStorage()}


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Return an exception and those behind it, each once."""
    seen: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in seen:
        seen.append(at)
        yield at
        at = at.__cause__ or at.__context__
