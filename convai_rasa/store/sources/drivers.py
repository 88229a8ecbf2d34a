"""The two drivers of object stores: how each is opened, and what differs in what they say and take.

Credentials, endpoints, proxies and certificates are those the drivers find in their usual environment; nothing of them
is kept or shown.
"""

from __future__ import annotations

import os
from typing import Any, Protocol

from convai_rasa.errors import require
from convai_rasa.store.sources.bucket_errors import Told, explain_gs, explain_s3
from convai_rasa.store.sources.remote import Entry, Upload

CONNECT_SECONDS = 10
READ_SECONDS = 30  # without a single byte
PART_BYTES = 16 << 20  # one part of an upload, a multiple of 256 KiB as GCS wants it
PARTS = 2  # of one file at once, where the driver can


class Driver(Protocol):
    """What differs between the two drivers."""

    def open(self) -> Any:
        """Return the fsspec file system."""
        ...

    def close(self, fs: Any) -> None:
        """Close its connections."""
        ...

    def entry(self, info: dict[str, Any]) -> Entry:
        """Read what the driver says about an object."""
        ...

    def sha256(self, fs: Any, path: str) -> str | None:
        """Return the hash that was put beside an object when it was pushed."""
        ...

    def upload_options(self, upload: Upload) -> dict[str, Any]:
        """Return how a file is uploaded."""
        ...

    def explain(self, error: Exception, bucket: str, missing: str) -> Told | None:
        """Return what an exception of the driver means."""
        ...


class _S3:
    def open(self) -> Any:
        s3fs = require("s3fs", extra="s3")
        config = {
            "connect_timeout": CONNECT_SECONDS,
            "read_timeout": READ_SECONDS,
            "retries": {"mode": "standard", "total_max_attempts": 2},
        }
        return s3fs.S3FileSystem(config_kwargs=config, use_listings_cache=False, skip_instance_cache=True)

    def close(self, fs: Any) -> None:
        """The driver does it by itself."""

    def entry(self, info: dict[str, Any]) -> Entry:
        return Entry(info["size"], str(info["ETag"]))

    def sha256(self, fs: Any, path: str) -> str | None:
        digest: str | None = fs.metadata(path).get("sha256")
        return digest

    def upload_options(self, upload: Upload) -> dict[str, Any]:
        return {"chunksize": PART_BYTES, "max_concurrency": PARTS, "Metadata": {"sha256": upload.sha256}}

    def explain(self, error: Exception, bucket: str, missing: str) -> Told | None:
        return explain_s3(error, bucket, missing)


class _GoogleCloudStorage:
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

    def close(self, fs: Any) -> None:
        from fsspec.asyn import sync

        if fs.session is not None:  # the driver would do it too late, and complain
            sync(fs.loop, fs.session.close)

    def entry(self, info: dict[str, Any]) -> Entry:
        return Entry(info["size"], str(info["generation"]))

    def sha256(self, fs: Any, path: str) -> str | None:
        digest: str | None = fs.info(path).get("metadata", {}).get("sha256")
        return digest

    def upload_options(self, upload: Upload) -> dict[str, Any]:
        return {"chunksize": PART_BYTES, "consistency": "md5", "metadata": {"sha256": upload.sha256}}

    def explain(self, error: Exception, bucket: str, missing: str) -> Told | None:
        return explain_gs(error, bucket, missing)


DRIVERS: dict[str, Driver] = {"s3": _S3(), "gs": _GoogleCloudStorage()}
