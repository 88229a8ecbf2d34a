"""What the drivers of object stores raise, in words: what is wrong, what to do, and no secrets."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from convai_rasa.errors import DownloadError
from convai_rasa.store.sources.retries import Transient

_REFUSED = {
    "AuthFailure",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidToken",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
}
_DENIED = {"AccessDenied", "AllAccessDisabled", "AccountProblem", "Forbidden", "403"}
_ELSEWHERE = {"AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "PermanentRedirect", "301"}
_CHANGED = {"InvalidRange", "PreconditionFailed", "412", "416"}
_BUSY = {408, 429, 500, 502, 503, 504}
_ASK_S3 = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
_ASK_GS = "set GOOGLE_APPLICATION_CREDENTIALS, or run: gcloud auth application-default login"
_AGAIN = "check the network, then run this again to continue"
_TRIES = 2  # of ours: the drivers have tried several times themselves before they give up

Told = DownloadError | Transient


def explain_s3(error: BaseException, bucket: str, missing: str) -> Told | None:
    """Return what an exception of s3fs means, None if it is none of those a driver raises.

    Args:
        error: what was raised.
        bucket: which bucket it is about.
        missing: what it means if an object is not there.
    """
    import aiohttp
    from botocore import exceptions as boto

    for cause in _chain(error):
        if isinstance(cause, boto.ClientError):
            answer = cause.response.get("Error", {}).get("Code", "")
            status = cause.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            return _answered_by_s3(answer, status, bucket, missing)
        if isinstance(cause, (boto.NoCredentialsError, boto.NoAuthTokenError)):
            return DownloadError(f"there are no credentials; {_ASK_S3}")
        if isinstance(cause, boto.ProfileNotFound):
            return DownloadError("the AWS configuration has no profile with the name in AWS_PROFILE")
        if isinstance(
            cause, (boto.PartialCredentialsError, boto.CredentialRetrievalError, boto.TokenRetrievalError)
        ) or type(cause).__name__ in ("UnauthorizedSSOTokenError", "SSOTokenLoadError"):
            return DownloadError(f"the credentials are incomplete or out of date; {_ASK_S3}")
        if isinstance(cause, boto.SSLError):
            return DownloadError("its certificate is not trusted; name the one to trust in AWS_CA_BUNDLE")
        if isinstance(cause, boto.ConnectionError):
            advice = "check the network, the proxy and AWS_ENDPOINT_URL"
            return Transient("the object store could not be reached", advice, tries=_TRIES)
        if isinstance(cause, (boto.HTTPClientError, boto.IncompleteReadError, aiohttp.ClientError)):
            return Transient("the connection was interrupted", _AGAIN)
        if isinstance(cause, ValueError) and "endpoint" in str(cause):
            return DownloadError("AWS_ENDPOINT_URL is not the address of an object store, such as https://host:9000")
    return _told_by_the_system(error)


def explain_gs(error: BaseException, bucket: str, missing: str) -> Told | None:
    """Return what an exception of gcsfs means; as ``explain_s3``."""
    import aiohttp
    import google.auth.exceptions
    import requests
    from gcsfs.retry import ChecksumError, HttpError

    for cause in _chain(error):
        if isinstance(cause, HttpError):
            return _answered_by_gs(int(cause.code or 0), bucket)
        if isinstance(cause, FileNotFoundError):
            return DownloadError(missing)
        if isinstance(cause, OSError) and str(cause).startswith("Forbidden"):
            return _denied(bucket, _ASK_GS)
        if isinstance(cause, google.auth.exceptions.GoogleAuthError):
            return DownloadError(f"the credentials could not be used; {_ASK_GS}")
        if isinstance(cause, aiohttp.ClientConnectorCertificateError):
            return DownloadError("its certificate is not trusted; name those to trust in SSL_CERT_FILE")
        if isinstance(cause, (aiohttp.ClientConnectorError, aiohttp.ClientProxyConnectionError)):
            return Transient("the object store could not be reached", "check the network and the proxy", tries=1)
        if isinstance(cause, (aiohttp.ClientError, requests.RequestException, ChecksumError)):
            return Transient("the connection was interrupted", _AGAIN, tries=_TRIES)
        if isinstance(cause, ValueError) and str(cause).startswith("Bad Request"):
            return DownloadError("the object store does not understand the request")
    return _told_by_the_system(error)


def _answered_by_s3(code: str, status: int, bucket: str, missing: str) -> Told:
    if code == "NoSuchBucket":
        return DownloadError(f"there is no bucket {bucket}")
    if code in ("NoSuchKey", "404"):
        return DownloadError(missing)
    if code in _REFUSED:
        return DownloadError(f"the credentials are refused ({code}); {_ASK_S3}")
    if code in _DENIED:
        return _denied(bucket, _ASK_S3)
    if code in _ELSEWHERE:
        return DownloadError(f"the bucket {bucket} is in another region; set AWS_DEFAULT_REGION")
    if code in _CHANGED:
        return DownloadError("a file was changed there while it was read; run this again")
    if status in _BUSY or code == "SlowDown":
        return Transient(f"the object store is busy ({code})", "run this again later")
    return DownloadError(f"the object store answers {code or status}")


def _answered_by_gs(status: int, bucket: str) -> Told:
    if status == 401:
        return DownloadError(f"there are no credentials, or they are refused; {_ASK_GS}")
    if status == 403:
        return _denied(bucket, _ASK_GS)
    if status == 416:
        return DownloadError("a file was changed there while it was read; run this again")
    if status in _BUSY:
        return Transient(f"the object store is busy ({status})", "run this again later", tries=_TRIES)
    return DownloadError(f"the object store answers {status}")


def _denied(bucket: str, ask: str) -> DownloadError:
    return DownloadError(f"access to the bucket {bucket} is denied; to use other credentials, {ask}")


def _told_by_the_system(error: BaseException) -> Told | None:
    """Explain what the drivers let through from below."""
    if isinstance(error, (asyncio.TimeoutError, TimeoutError, ConnectionError)):
        return Transient("the connection was interrupted", _AGAIN)
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Return an exception and those behind it: a driver may hide what happened behind a mishap of its own."""
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        yield at
        at = at.__cause__ or at.__context__
