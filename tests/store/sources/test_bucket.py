from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from object_stores import Store, gs_error, require_credentials, s3_error

from convai_rasa.errors import DownloadError, MissingExtra
from convai_rasa.options import ValidationError
from convai_rasa.store.catalogue import Model
from convai_rasa.store.manifest import MANIFEST
from convai_rasa.store.sources import bucket, jobs, mirror
from convai_rasa.store.sources.bucket import Bucket
from convai_rasa.store.sources.place import Order

pytestmark = pytest.mark.processes  # servers, and drivers that take half a second to start

CONFIG = b'{"layers": 1}\n'
WEIGHTS = bytes(range(256)) * 4_000
FILES = {"config.json": CONFIG, "sub/weights.bin": WEIGHTS}


@pytest.fixture(autouse=True)
def _small_and_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces small enough for a megabyte to need several, and no waiting between tries."""
    monkeypatch.setattr(bucket, "BLOCK_BYTES", 150_000)
    monkeypatch.setattr(mirror, "WINDOW_BYTES", 300_000)
    monkeypatch.setattr(jobs, "FIRST_WAIT_SECONDS", 0.0)


def next_run(order: Order) -> Order:
    """The same order, given again after the first has failed."""
    return dataclasses.replace(order, stop=threading.Event())


def delivered(order: Order) -> dict[str, bytes]:
    files = [path for path in order.into.rglob("*") if path.is_file()]
    return {path.relative_to(order.into).as_posix(): path.read_bytes() for path in files}


def fill(store: Store, files: dict[str, bytes] = FILES) -> None:
    for name, content in files.items():
        store.put(f"toy/echo/{name}", content)


def manifest(files: dict[str, bytes] = FILES, name: str = "toy/echo") -> bytes:
    listed = {
        name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()} for name, content in files.items()
    }
    fields = {"source": "a test", "licence": "CC0", "published": {}, "conversion": None, "difference": None}
    return json.dumps({"name": name, "files": listed, **fields}).encode()


def test_published_files_are_brought_by_their_names(store: Store, order: Order) -> None:
    fill(store, {**FILES, "more.txt": b"not asked for"})
    delivery = Bucket(url=store.url).fetch(order)
    assert delivered(order) == FILES
    assert (delivery.source, delivery.installed) == (store.url, False)


def test_of_a_model_without_a_list_everything_is_brought_but_hidden_files(
    store: Store, order: Order, model: Model
) -> None:
    fill(store, {**FILES, ".gitattributes": b"x", ".cache/x": b"x"})
    unlisted = dataclasses.replace(order, files={})
    Bucket(url=store.url + "/").fetch(unlisted)
    assert delivered(order) == FILES


def test_names_that_lead_elsewhere_are_refused(s3: Store, order: Order, model: Model) -> None:
    fill(s3, {**FILES, "sub/../../evil": b"x"})
    unlisted = dataclasses.replace(order, files={})
    with pytest.raises(DownloadError, match=r"'sub/\.\./\.\./evil' is not a plain relative path"):
        Bucket(url=s3.url).fetch(unlisted)
    Bucket(url=s3.url).fetch(order)
    assert delivered(order) == FILES, "what is not asked for does no harm"


def test_the_installed_form_is_brought_as_its_manifest_lists_it(store: Store, order: Order) -> None:
    converted = {"model.pth": WEIGHTS[::-1], "empty": b""}
    fill(store, {**converted, MANIFEST: manifest(converted), "left-over.bin": b"of an older version"})
    assert Bucket(url=store.url).fetch(order).installed
    assert delivered(order) == {**converted, MANIFEST: manifest(converted)}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "there is no toy/echo"),
        ({"config.json": CONFIG}, "sub/weights.bin is missing there"),
        ({**FILES, "config.json": b"{}"}, "config.json is not the published file: 14 bytes expected, 2 found"),
        ({"convai-model.unfinished": b"", **FILES}, "toy/echo is being pushed right now, or a push was interrupted"),
        ({"config.json": CONFIG, MANIFEST: manifest()}, "sub/weights.bin is missing there; push the model again"),
        (
            {**FILES, "config.json": b"{}", MANIFEST: manifest()},
            "14 bytes expected, 2 found; push the model",
        ),
        ({MANIFEST: b"{"}, "convai-model.json cannot be read"),
        ({MANIFEST: manifest().replace(b"1024000", b'"many"')}, "convai-model.json cannot be read"),
        ({MANIFEST: manifest().replace(b'"published": {}', b'"published": []')}, "convai-model.json cannot be read"),
        ({MANIFEST: manifest({"../../evil": b"x"})}, r"lists '\.\./\.\./evil', which is not a plain relative path"),
        ({MANIFEST: manifest({"/etc/evil": b"x"})}, "lists '/etc/evil', which is not a plain relative path"),
    ],
)
def test_what_is_not_whole_is_refused(s3: Store, order: Order, files: dict[str, bytes], reason: str) -> None:
    fill(s3, files)
    with pytest.raises(DownloadError, match=f"^{s3.url}: .*{reason}"):
        Bucket(url=s3.url).fetch(order)
    assert not set(delivered(order)) - {MANIFEST}


def test_a_cut_connection_is_taken_up_where_it_broke(store: Store, order: Order) -> None:
    fill(store)
    store.proxy.cuts = 2
    Bucket(url=store.url).fetch(order)
    assert delivered(order) == FILES
    assert store.proxy.cuts == 0


def test_the_next_run_goes_on_with_what_has_arrived(store: Store, order: Order) -> None:
    fill(store)
    read: list[str] = []

    def fail_late(method: str, path: str) -> None:
        if method == "GET" and path.partition("?")[0].endswith("weights.bin"):
            read.append(path)
            if len(read) > 3:
                store.proxy.answers = [(403, s3_error("AccessDenied") if store.scheme == "s3" else gs_error(403))]

    store.proxy.before = fail_late
    with pytest.raises(DownloadError):
        Bucket(url=store.url).fetch(order)
    assert delivered(order) == {}
    kept = sum(path.stat().st_size for path in order.staging.iterdir())
    assert kept >= 300_000, "config.json is read beside it, and may be the one that was refused"
    store.proxy.before = lambda method, path: None
    store.proxy.answers = []
    store.proxy.seen.clear()
    Bucket(url=store.url).fetch(next_run(order))
    assert delivered(order) == FILES
    assert store.proxy.count("GET", "config.json") in (0, 1)  # of GCS, asking what it is is a GET too
    blocks = sum(method == "GET" and "weights.bin" in path for method, path in store.proxy.seen)
    assert blocks <= 1 + -(-(len(WEIGHTS) - kept + len(CONFIG)) // 150_000) + 1


def test_an_object_that_changes_between_listing_and_reading_is_refused(store: Store, order: Order) -> None:
    fill(store)

    def change(method: str, path: str) -> None:
        if method == "GET" and "weights.bin" in path:
            store.proxy.before = lambda method, path: None
            store.put("toy/echo/sub/weights.bin", WEIGHTS[::-1])

    store.proxy.before = change
    with pytest.raises(DownloadError, match=r"sub/weights\.bin was changed there while it was read; run this again$"):
        Bucket(url=store.url).fetch(order)
    assert delivered(order) == {}
    Bucket(url=store.url).fetch(next_run(order))
    assert delivered(order)["sub/weights.bin"] == WEIGHTS[::-1], "whole, and for the check of hashes to refuse"


def test_an_object_that_shrinks_or_vanishes_while_it_is_read_is_refused(store: Store, order: Order) -> None:
    fill(store)

    def shrink(method: str, path: str) -> None:
        if method == "GET" and "weights.bin" in path:
            store.proxy.before = lambda method, path: None
            store.put("toy/echo/sub/weights.bin", b"short")

    store.proxy.before = shrink
    with pytest.raises(DownloadError, match="changed there while it was read"):
        Bucket(url=store.url).fetch(order)
    fill(store)

    def vanish(method: str, path: str) -> None:
        if method == "GET" and "weights.bin" in path:
            store.proxy.before = lambda method, path: None
            store.delete("toy/echo/sub/weights.bin")

    store.proxy.before = vanish
    with pytest.raises(DownloadError, match=r"sub/weights.bin was (deleted|changed) there while it was read"):
        Bucket(url=store.url).fetch(next_run(order))


def test_a_bucket_that_is_missing_is_named(store: Store, order: Order) -> None:
    url = f"{store.scheme}://nothing-here/models"
    with pytest.raises(DownloadError, match=f"^{url}: there is no bucket nothing-here$"):
        Bucket(url=url).fetch(order)


def test_refused_credentials_are_told_without_the_secret(s3: Store, order: Order) -> None:
    require_credentials(s3)
    with pytest.raises(DownloadError, match=r"the credentials are refused \(InvalidAccessKeyId\); set AWS_") as caught:
        Bucket(url=s3.url).fetch(order)
    assert "not-a-secret" not in str(caught.value)
    assert "AKIA" not in str(caught.value)


@pytest.mark.parametrize("code", ["AccessDenied", "AllAccessDisabled"])
def test_denied_access_to_s3_is_told(s3: Store, order: Order, code: str) -> None:
    s3.proxy.answers = [(403, s3_error(code))]
    with pytest.raises(DownloadError, match="access to the bucket speech is denied; to use other credentials, set AWS"):
        Bucket(url=s3.url).fetch(order)


@pytest.mark.parametrize(
    ("status", "reason"), [(403, "access to the bucket speech is denied"), (401, "there are no credentials, or they")]
)
def test_denied_access_to_google_cloud_storage_is_told(gs: Store, order: Order, status: int, reason: str) -> None:
    gs.proxy.answers = [(status, gs_error(status, "Anonymous caller does not have storage.objects.list access"))]
    with pytest.raises(DownloadError, match=f"{reason}.*GOOGLE_APPLICATION_CREDENTIALS"):
        Bucket(url=gs.url).fetch(order)


def test_missing_credentials_are_told(s3: Store, order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(DownloadError, match="there are no credentials; set AWS_ACCESS_KEY_ID and"):
        Bucket(url=s3.url).fetch(order)


def test_a_key_file_is_what_google_cloud_storage_is_asked_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    fields = {"type": "service_account", "project_id": "speech", "private_key_id": "1", "private_key": text}
    account = "bot@speech.iam.gserviceaccount.com"
    addresses = {"client_email": account, "token_uri": "https://oauth2.invalid/token"}
    (tmp_path / "key.json").write_text(json.dumps({**fields, **addresses}))
    monkeypatch.delenv("STORAGE_EMULATOR_HOST", raising=False)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
    with Bucket(url="gs://speech/models") as remote:
        assert remote._fs.credentials.credentials.service_account_email == account


def test_a_profile_that_does_not_exist_is_told(s3: Store, order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "elsewhere")
    with pytest.raises(DownloadError, match="no profile with the name in AWS_PROFILE"):
        Bucket(url=s3.url).fetch(order)


def test_a_store_that_cannot_be_reached_is_told(s3: Store, order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    with pytest.raises(DownloadError, match="could not be reached, after 2 tries; check the network"):
        Bucket(url=s3.url).fetch(order)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "nonsense")
    with pytest.raises(DownloadError, match="AWS_ENDPOINT_URL is not the address of an object store"):
        Bucket(url=s3.url).fetch(order)


def test_google_cloud_storage_that_cannot_be_reached_is_left_before_its_driver_gives_up(
    gs: Store, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "LISTING_SECONDS", 0.5)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "127.0.0.1:9")
    with pytest.raises(DownloadError, match=r"the object store could not be reached; check the network and the proxy$"):
        Bucket(url=gs.url).fetch(order)


def test_a_busy_store_is_asked_again(store: Store, order: Order) -> None:
    fill(store)
    body = s3_error("SlowDown") if store.scheme == "s3" else gs_error(503)
    store.proxy.answers = [(503, body)]
    Bucket(url=store.url).fetch(order)
    assert delivered(order) == FILES


def test_the_other_variable_for_the_endpoint_and_names_of_hosts_are_honoured(
    s3: Store, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(s3)
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3")
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3.proxy.url.replace("127.0.0.1", "localhost"))
    Bucket(url=s3.url).fetch(order)
    assert delivered(order) == FILES


def test_proxies_are_honoured(store: Store, order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store)
    monkeypatch.setenv("HTTP_PROXY", store.proxy.url)
    monkeypatch.setenv("http_proxy", store.proxy.url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://store.invalid:9000")
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://store.invalid:9000")
    Bucket(url=store.url).fetch(order)
    assert delivered(order) == FILES
    assert store.proxy.count("GET")


@pytest.mark.parametrize(("scheme", "driver", "extra"), [("s3", "s3fs", "s3"), ("gs", "gcsfs", "gcs")])
def test_a_missing_driver_is_told_with_the_command_that_installs_it(
    order: Order, monkeypatch: pytest.MonkeyPatch, scheme: str, driver: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, driver, None)
    with pytest.raises(MissingExtra, match=rf"{driver} .*pip install 'convai-rasa\[rasa,{extra}\]'"):
        Bucket(url=f"{scheme}://speech").fetch(order)


@pytest.mark.parametrize(
    "url",
    ["s3://", "s3://key:secret@bucket", "s3://bucket//x", "gs://Bucket", "s3://bucket/x?versionId=1", "ftp://b/x"],
)
def test_what_is_no_bucket_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="must look like s3://bucket/folder"):
        Bucket(url=url)


_PULL = """
import sys
from pathlib import Path
from convai_rasa.store.catalogue import parse_model
from convai_rasa.store.sources.place import Order
from convai_rasa.store.progress import Progress
from convai_rasa.store.sources.bucket import Bucket
import json
model = parse_model("toy/echo", json.loads(sys.argv[1]), where="test")
into = Path(sys.argv[3]); into.mkdir(); 
Bucket(url=sys.argv[2]).fetch(Order(model.name, model.files, into.with_name("parts"), into, Progress()))
print("done")
"""


def test_the_drivers_leave_nothing_on_the_console(store: Store, entry: dict[str, Any], tmp_path: Path) -> None:
    fill(store)
    command = [sys.executable, "-W", "default", "-X", "dev", "-c", _PULL, json.dumps(entry), store.url]
    environment = {**os.environ, "PYTHONWARNINGS": "default"}
    run = subprocess.run([*command, str(tmp_path / "quiet")], capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stderr
    assert run.stdout == "done\n"
    ours = [line for line in run.stderr.splitlines() if "site-packages" not in line or "nclosed" in line]
    assert not ours, run.stderr


def test_importing_the_source_is_light() -> None:
    code = (
        "import sys, convai_rasa.store.sources.bucket; print({'fsspec', 's3fs', 'gcsfs', 'aiohttp'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"
