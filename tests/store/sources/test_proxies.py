"""Behind a proxy, with certificates that nobody else trusts: everything over real TLS."""

from __future__ import annotations

import importlib.util
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_server import HubServer, running_hub
from proxy_server import Proxy, running_proxy, write_certificate

from convai_rasa.errors import DownloadError
from convai_rasa.store.sources.download import Download
from convai_rasa.store.sources.hugging_face import HuggingFace
from convai_rasa.store.sources.place import Order

pytestmark = pytest.mark.slow

WEIGHTS = b"weights" * 10_000
NAMES: dict[str, dict[str, Any]] = {"config.json": {}, "model.bin": {}}


@pytest.fixture
def tls(tmp_path: Path) -> ssl.SSLContext:
    return write_certificate(tmp_path / "company.pem", "hub.test", "cdn.test", "127.0.0.1", "localhost")


@pytest.fixture
def inside(hub: Any, tls: ssl.SSLContext) -> Iterator[HubServer]:
    """A hub that speaks https as hub.test, with its large files at cdn.test; no resolver knows these names."""
    with running_hub(tls) as server:
        server.cdn = "https://cdn.test/cdn"
        server.add("a/b", {"config.json": b"{}", "model.bin": WEIGHTS})
        yield server


@pytest.fixture
def proxy(inside: HubServer) -> Iterator[Proxy]:
    with running_proxy(inside.port) as proxy:
        yield proxy


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "company.pem"))


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_the_hub_and_its_files_come_through_the_proxy(
    proxy: Proxy, inside: HubServer, ordered: Any, delivered: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    inside.private.add("a/b")
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.test")
    monkeypatch.setenv("HF_TOKEN", inside.token)
    monkeypatch.setenv(name, proxy.url.replace("//", "//me:secret@"))
    order = ordered(NAMES)
    HuggingFace(repo="a/b").fetch(order)
    assert delivered(order) == {"config.json": b"{}", "model.bin": WEIGHTS}
    assert {host for host, _ in proxy.asked} == {"hub.test:443", "cdn.test:443"}
    assert all(login and login.startswith("Basic ") for _, login in proxy.asked)
    assert {asked.headers.get("Authorization") for asked in inside.asked if asked.host == "cdn.test"} == {None}


@pytest.mark.usefixtures("trusted")
def test_what_no_proxy_names_is_asked_directly(
    proxy: Proxy, inside: HubServer, ordered: Any, delivered: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside.cdn = f"https://localhost:{inside.port}/cdn"
    monkeypatch.setenv("HF_ENDPOINT", f"https://127.0.0.1:{inside.port}")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")
    order = ordered(NAMES)
    HuggingFace(repo="a/b").fetch(order)
    assert delivered(order)["model.bin"] == WEIGHTS
    assert proxy.asked == []


def failure(tmp_path: Path, progress: Any, url: str) -> str:
    with pytest.raises(DownloadError) as error:
        Download(Order("x", {}, tmp_path, tmp_path, progress), url, "model.bin").run()
    return str(error.value)


def failure_of_hub(ordered: Any) -> str:
    with pytest.raises(DownloadError) as error:
        HuggingFace(repo="a/b").fetch(ordered(NAMES))
    return str(error.value)


def test_a_proxy_out_of_reach_is_named_and_its_password_is_not(
    hub: Any, ordered: Any, tmp_path: Path, progress: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.test")
    monkeypatch.setenv("HTTPS_PROXY", "http://me:secret@127.0.0.1:9")
    sentence = (
        "hub.test could not be reached through the proxy, after 3 tries; check the network, and HTTPS_PROXY "
        "if you need a proxy"
    )
    assert failure(tmp_path, progress, "https://hub.test/x") == sentence
    told = failure_of_hub(ordered)
    assert "secret" not in told
    assert told.startswith("hub.test could not be reached")


def test_a_certificate_that_is_not_trusted_is_said_with_what_to_set(
    proxy: Proxy, ordered: Any, tmp_path: Path, progress: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.test")
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    sentence = (
        "the certificate of hub.test is not trusted; behind a proxy with its own, set REQUESTS_CA_BUNDLE and "
        "SSL_CERT_FILE to the file that has it"
    )
    assert failure(tmp_path, progress, "https://hub.test/x") == sentence
    assert failure_of_hub(ordered) == sentence


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("target", ["http://127.0.0.1:9/x", "ftp://127.0.0.1/x"])
def test_a_redirect_from_https_to_anything_else_is_not_followed(
    proxy: Proxy, inside: HubServer, tmp_path: Path, progress: Any, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    inside.redirects["/moved"] = target
    said = failure(tmp_path, progress, "https://hub.test/moved")
    assert said == "hub.test redirects to an address that is not https, which is not followed"


def both_failures(ordered: Any, tmp_path: Path, progress: Any) -> set[str]:
    """What is said of a file, and of the hub."""
    with pytest.raises(DownloadError) as error:
        HuggingFace(repo="a/b").fetch(ordered(NAMES))
    return {failure(tmp_path, progress, "https://hub.test/x"), str(error.value)}


def test_certificates_that_are_not_there_are_said(
    hub: Any, ordered: Any, tmp_path: Path, progress: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.test")
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "gone.pem"))
    assert both_failures(ordered, tmp_path, progress) == {
        f"the certificates that {name} names cannot be read; correct it, or unset it"
        for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
    }


@pytest.mark.skipif(
    bool(importlib.util.find_spec("socks") or importlib.util.find_spec("socksio")), reason="it is there"
)
def test_a_socks_proxy_without_its_packages_is_said(
    hub: Any, ordered: Any, tmp_path: Path, progress: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.test")
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    assert both_failures(ordered, tmp_path, progress) == {
        "a SOCKS proxy needs more packages: pip install 'requests[socks]' 'httpx[socks]'"
    }
