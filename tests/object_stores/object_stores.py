"""A real S3 server (moto) and a Google Cloud Storage emulator on the loopback interface, behind a proxy that can fail.

The drivers talk to the proxy, so that every fault is one that they meet on a network: cut connections, refusals, and
objects that change while they are read.
"""

from __future__ import annotations

import http.client
import json
import logging
import os
import re
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import pytest

BUCKET = "speech"
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}


class Proxy:
    """Passes requests on to a server, keeps a list of them, and fails as it is told to.

    Attributes:
        seen: method and path of every request.
        cuts: how many of the next answers with more than 100,000 bytes end half-way with the connection.
        answers: what the next requests get instead of being passed on: status and body.
        before: is told method and path of each request before it is passed on.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.seen: list[tuple[str, str]] = []
        self.cuts = 0
        self.answers: list[tuple[int, bytes]] = []
        self.before: Callable[[str, str], object] = lambda method, path: None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def count(self, method: str, ending: str = "") -> int:
        return sum(seen == method and path.partition("?")[0].endswith(ending) for seen, path in self.seen)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            self.path = re.sub("^http://[^/]*", "", self.path)  # so it is asked as the proxy of another host
            proxy.seen.append((self.command, self.path))
            proxy.before(self.command, self.path)
            content = self._content()
            if proxy.answers:
                status, body = proxy.answers.pop(0)
                return self._answer(status, {"Content-Type": "application/xml"}, body)
            backend = http.client.HTTPConnection("127.0.0.1", proxy.port)
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
            backend.request(self.command, self.path, content, headers)
            answer = backend.getresponse()
            body = answer.read()
            # of an answer to HEAD only the length is there
            length = answer.headers.get("Content-Length") if self.command == "HEAD" else None
            backend.close()
            headers = dict(answer.headers)
            if "Location" in headers:  # of an upload in parts, which shall come through here, too
                headers["Location"] = headers["Location"].replace(f"http://127.0.0.1:{proxy.port}", proxy.url)
            self._answer(answer.status, headers, body, length)

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_PATCH = _pass_on

        def _content(self) -> bytes | None:
            if "chunked" not in self.headers.get("Transfer-Encoding", ""):
                length = int(self.headers.get("Content-Length", 0))
                return self.rfile.read(length) if length else None
            content = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                content += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return content

        def _answer(self, status: int, headers: dict[str, str], body: bytes, length: str | None = None) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                if name.lower() not in _HOP_BY_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", length or str(len(body)))
            self.end_headers()
            if proxy.cuts and len(body) > 100_000:
                proxy.cuts -= 1
                self.wfile.write(body[: len(body) // 2])
                self.wfile.flush()
                self.close_connection = True
            else:
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean."""

    return Handler


class Store:
    """A bucket as a test sees it: through its own client, past the proxy.

    Args:
        scheme: s3 or gs.
        proxy: what the code under test talks to.
        fs: of the same server.
    """

    def __init__(self, scheme: str, proxy: Proxy, fs: Any) -> None:
        self.scheme, self.proxy, self._fs = scheme, proxy, fs
        self.url = f"{scheme}://{BUCKET}/models"

    def put(self, name: str, content: bytes) -> None:
        self._fs.pipe_file(f"{BUCKET}/models/{name}", content)

    def get(self, name: str) -> bytes:
        content: bytes = self._fs.cat_file(f"{BUCKET}/models/{name}")
        return content

    def delete(self, name: str) -> None:
        self._fs.rm_file(f"{BUCKET}/models/{name}")

    def unfinished_uploads(self) -> list[str]:
        answer = self._fs.call_s3("list_multipart_uploads", Bucket=BUCKET)
        return [upload["Key"] for upload in answer.get("Uploads", [])]

    def names(self) -> list[str]:
        return sorted(path.removeprefix(f"{BUCKET}/models/") for path in self._fs.find(f"{BUCKET}/models"))


class Server(NamedTuple):
    """A server that runs for all tests: its port, and a client past every proxy."""

    port: int
    fs: Any


@contextmanager
def s3_server() -> Iterator[Server]:
    """Run moto's server."""
    import s3fs
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    port = server.get_host_and_port()[1]
    address = f"http://127.0.0.1:{port}"
    yield Server(
        port,
        s3fs.S3FileSystem(
            key="test", secret="test", endpoint_url=address, use_listings_cache=False, skip_instance_cache=True
        ),
    )
    server.stop()


@contextmanager
def gs_server() -> Iterator[Server]:
    """Run an emulator of Google Cloud Storage."""
    import gcsfs
    from gcp_storage_emulator.server import create_server

    server = create_server("127.0.0.1", 0, in_memory=True, default_bucket=BUCKET)
    server.start()
    port = server._api._httpd.socket.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    yield Server(
        port,
        gcsfs.GCSFileSystem(token="anon", endpoint_url=address, use_listings_cache=False, skip_instance_cache=True),
    )
    server.stop()


@contextmanager
def s3_store(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Empty the server, make a bucket, and let the usual variables of AWS lead there."""
    _forget(monkeypatch, "AWS_")
    _post(server.port, "/moto-api/reset-auth", b"inf")
    _post(server.port, "/moto-api/reset", b"")
    server.fs.mkdir(BUCKET)
    proxy = Proxy(server.port)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATESTTESTTESTTEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    yield Store("s3", proxy, server.fs)
    proxy.close()


@contextmanager
def gs_store(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Empty the bucket, and let the usual variable lead there."""
    _forget(monkeypatch, "GOOGLE_")
    with _direct().open(f"http://127.0.0.1:{server.port}/wipe?keep-buckets=true") as answer:
        answer.read()
    proxy = Proxy(server.port)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", proxy.url)
    yield Store("gs", proxy, server.fs)
    proxy.close()


def require_credentials(store: Store) -> None:
    """Let moto check who asks, from now on: nobody has been given an account."""
    _post(store.proxy.port, "/moto-api/reset-auth", b"0")


def s3_error(code: str) -> bytes:
    """Return the body of an answer in which S3 refuses."""
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>".encode()


def gs_error(status: int, message: str = "no") -> bytes:
    """Return the body of an answer in which Google Cloud Storage refuses."""
    return json.dumps({"error": {"code": status, "message": message}}).encode()


def _post(port: int, path: str, body: bytes) -> None:
    plain = {"Content-Type": "text/plain"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, plain, method="POST")
    with _direct().open(request) as answer:
        answer.read()


def _direct() -> urllib.request.OpenerDirector:
    """Return what asks no proxy of this machine."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _forget(monkeypatch: pytest.MonkeyPatch, prefix: str) -> None:
    for name in list(os.environ):
        if name.startswith(prefix) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
