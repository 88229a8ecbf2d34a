"""Object stores: S3, what speaks its protocol, and Google Cloud Storage."""

from __future__ import annotations

import re

from convai_rasa.options import Options, validator
from convai_rasa.store.order import Delivery, Order

_URL = re.compile(r"(?:s3|gs)://[a-z0-9][a-z0-9._-]{1,220}(?:/[^/?#]+)*/?")


class Bucket(Options):
    """A bucket, or a part of one, with a folder for each model in it.

    Attributes:
        url: ``s3://bucket``, ``s3://bucket/prefix``, ``gs://bucket`` or ``gs://bucket/prefix``.
    """

    url: str

    @validator("url")
    def _is_a_bucket(cls, url: str) -> str:
        if not _URL.fullmatch(url):
            raise ValueError("must look like s3://bucket/folder or gs://bucket/folder, without credentials in it")
        return url.rstrip("/")

    def __str__(self) -> str:
        return self.url


def fetch(source: Bucket, order: Order) -> Delivery:
    """Bring a model from a bucket; what a cut leaves is continued by the next call.

    Raises:
        MissingExtra: the driver is not installed.
        DownloadError: the store cannot be reached, refuses, or does not have the model whole.
    """
    from convai_rasa.store.sources.mirror import bring
    from convai_rasa.store.sources.object_store import ObjectStore

    with ObjectStore(source.url) as remote:
        return bring(remote, order)
