from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from convai_rasa.errors import ConfigurationError, DownloadError
from convai_rasa.options import parse_options
from convai_rasa.store.sources import jobs
from convai_rasa.store.sources.https import Https

FILES = {"config.json": b"{}", "sub/a file.bin": b"weights" * 20_000}
WANTED = {
    name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()} for name, content in FILES.items()
}


def manifest(files: dict[str, bytes]) -> bytes:
    listed = {
        name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()} for name, content in files.items()
    }
    about = {"name": "toy/echo", "source": "x", "licence": "x", "published": {}, "conversion": None, "difference": None}
    return json.dumps({**about, "files": listed}).encode()


@pytest.fixture
def source(hub: Any) -> Https:
    return Https(base=f"{hub.url}/models")


def refused(source: Https, order: Any) -> str:
    with pytest.raises(DownloadError) as error:
        source.fetch(order)
    return str(error.value)


@pytest.mark.parametrize("folder", ["/models/toy/echo/", "/models/"])
def test_published_files_lie_under_the_model_s_name_or_at_the_address_itself(
    hub: Any, source: Https, ordered: Any, delivered: Any, folder: str
) -> None:
    hub.files = {folder + name: content for name, content in FILES.items()}
    order = ordered(WANTED)
    delivery = source.fetch(order)
    assert delivered(order) == FILES
    assert (delivery.source, delivery.revision, delivery.installed) == (f"{hub.url}/models/", None, False)


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize("folder", ["/models/toy/echo/", "/models/"])
def test_an_installed_model_is_fetched_by_its_manifest(
    hub: Any, source: Https, ordered: Any, delivered: Any, folder: str, status: int
) -> None:
    installed = {**FILES, "NOTICE.txt": b"a notice"}
    hub.files = {folder + name: content for name, content in installed.items()}
    hub.files[folder + "convai-model.json"] = manifest(installed)
    if folder == "/models/":
        hub.fail(status, "/models/toy/", times=2)
    order = ordered(WANTED)
    assert source.fetch(order).installed
    assert delivered(order) == {**installed, "convai-model.json": manifest(installed)}


def test_a_version_is_fetched_as_such_where_there_are_versions(
    hub: Any, source: Https, ordered: Any, delivered: Any
) -> None:
    hub.files = {f"/models/toy/echo/{name}": content for name, content in FILES.items()}
    order = ordered(WANTED, version="v2.0")
    source.fetch(order)
    assert delivered(order) == FILES
    newer = {"weights.bin": b"newer"}
    hub.files |= {"/models/toy/v2.0/echo/weights.bin": b"newer"}
    hub.files["/models/toy/v2.0/echo/convai-model.json"] = manifest(newer)
    order = ordered(WANTED, version="v2.0")
    assert source.fetch(order).installed
    assert delivered(order)["weights.bin"] == b"newer"


def test_a_cut_file_goes_on_in_the_next_run(
    hub: Any, source: Https, ordered: Any, delivered: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(jobs, "TRIES", 1)
    hub.files = {f"/models/toy/echo/{name}": content for name, content in FILES.items()}
    hub.fail("cut", "a file.bin")
    assert "broke off" in refused(source, ordered(WANTED))
    order = ordered(WANTED)
    source.fetch(order)
    assert delivered(order) == FILES
    assert [asked.headers["Range"] for asked in hub.asked if "Range" in asked.headers] == ["bytes=70000-"]


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "..\\evil", "convai-model.json", ""])
def test_a_manifest_that_leads_elsewhere_is_refused(hub: Any, source: Https, ordered: Any, name: str) -> None:
    hub.files["/models/toy/echo/convai-model.json"] = manifest({name: b"evil"})
    assert "which is not a plain relative path" in refused(source, ordered(WANTED))


@pytest.mark.parametrize("content", [b"<html>Welcome</html>", b"{}", b"[]", b"\xff"])
def test_a_page_instead_of_a_manifest_is_refused(hub: Any, source: Https, ordered: Any, content: bytes) -> None:
    hub.files["/models/toy/echo/convai-model.json"] = content
    assert refused(source, ordered(WANTED)) == f"convai-model.json at 127.0.0.1:{hub.port} cannot be read"


def test_what_is_not_there_is_named_with_the_address(hub: Any, ordered: Any) -> None:
    source = Https(base=f"http://user:secret@127.0.0.1:{hub.port}/models/")
    assert refused(source, ordered(WANTED)) == (
        f"http://127.0.0.1:{hub.port}/models/ has no convai-model.json or config.json of toy/echo; check the address"
    )
    assert "has no convai-model.json of toy/echo" in refused(source, ordered())


def test_a_file_that_is_missing_is_named(hub: Any, source: Https, ordered: Any) -> None:
    hub.files["/models/toy/echo/config.json"] = FILES["config.json"]
    assert refused(source, ordered(WANTED)) == f"127.0.0.1:{hub.port} has no sub/a file.bin (HTTP 404)"


def test_a_server_that_asks_for_a_login_says_where_to_put_it(
    hub: Any, source: Https, ordered: Any, monkeypatch: Any, tmp_path: Any
) -> None:
    hub.fail(401)
    assert "requires a login for convai-model.json (HTTP 401); put it into ~/.netrc" in refused(source, ordered(WANTED))


def test_a_password_in_the_address_is_used_and_not_said(hub: Any, ordered: Any) -> None:
    hub.files = {f"/models/toy/echo/{name}": content for name, content in FILES.items()}
    source = Https(base=f"http://user:secret@127.0.0.1:{hub.port}/models")
    assert "secret" not in str(source)
    assert "secret" not in source.fetch(ordered(WANTED)).source
    assert all(asked.headers["Authorization"].startswith("Basic ") for asked in hub.asked)


@pytest.mark.parametrize(
    "base",
    ["http://example.org/models", "ftp://example.org", "example.org/models", "https://example.org/?key=x", "https://"],
)
def test_impossible_addresses_are_refused(base: str) -> None:
    with pytest.raises(ConfigurationError, match="base: must be"):
        parse_options(Https, {"base": base}, where="test")
