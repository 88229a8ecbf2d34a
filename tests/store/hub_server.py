"""A web server on this machine that speaks the Hugging Face hub's API, serves plain files, and fails on demand.

Small files of a repository are served by the hub itself, with git's name of them as tag; large ones are a redirect to a
signed address of another host, with their SHA-256 as tag, as on the real hub. It is run as a program by
``python hub_server.py FOLDER``, which serves the folders ``OWNER/NAME`` in FOLDER as repositories.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import re
import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

LARGE_BYTES = 10_000
_API = re.compile(r"/api/models/(?P<repo>.+)/revision/(?P<revision>[^/]+)")
_RESOLVE = re.compile(r"/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<name>.+)")
_RANGE = re.compile(r"bytes=(\d+)-")


@dataclass
class Fault:
    """Something that goes wrong, a number of times.

    Attributes:
        what: a status to answer with, or one of ``cut`` (half-way), ``wrong`` (other bytes), ``slow``, ``hang`` (no
            answer), ``silent`` (hangs half-way), ``no ranges``, ``no tags``, ``no length``,
            ``packed`` (with gzip), ``other piece`` (than was asked for), ``too long``.
        where: part of "METHOD path" of the requests it happens to.
        times: how often.
        headers: added to the answer.
    """

    what: int | str
    where: str = ""
    times: int = 1
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    host: str
    headers: dict[str, str]


class HubServer:
    """What is served, what was asked, and what goes wrong.

    Attributes:
        url: its address.
        asked: every request so far.
        faults: those still to happen.
        token: what a reader of a private or gated repository has to show.
        private: names of repositories.
        gated: names of repositories.
        files: content by path, of everything that is no repository.
        pages: answers by path that come before all others.
        redirects: where else something is, by path.
        tagged: whether files have tags.
        xet: whether large files are announced as lying in the hub's own kind of storage.
        most_at_once: the largest number of requests that were answered at the same time.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.repos: dict[str, dict[str, dict[str, bytes]]] = {}
        self.branches: dict[str, dict[str, str]] = {}
        self.token = "hf_right"
        self.private: set[str] = set()
        self.gated: set[str] = set()
        self.files: dict[str, bytes] = {}
        self.redirects: dict[str, str] = {}
        self.pages: dict[str, bytes] = {}
        self.asked: list[Asked] = []
        self.faults: list[Fault] = []
        self.tagged = True
        self.xet = False
        self.most_at_once = 0
        self.at_once = 0
        self.lock = threading.Lock()
        self.closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self.cdn = f"http://localhost:{self.port}/cdn"

    def add(self, repo: str, files: dict[str, bytes], branch: str = "main", commit: str | None = None) -> str:
        """Commit files to a repository; returns the commit, which is made up unless it is given."""
        commit = commit or hashlib.sha1(repr((repo, sorted(files.items()))).encode()).hexdigest()
        self.repos.setdefault(repo, {})[commit] = dict(files)
        self.branches.setdefault(repo, {})[branch] = commit
        return commit

    def fail(self, what: int | str, where: str = "", times: int = 1, **headers: str) -> None:
        """Let requests fail from now on."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.faults.append(Fault(what, where, times, named))

    def paths(self, where: str = "") -> list[str]:
        """Return "METHOD path" of the requests so far, of those that have ``where`` in it."""
        lines = [f"{asked.method} {asked.path}" for asked in self.asked]
        return [line for line in lines if where in line]

    def take_fault(self, line: str) -> Fault | None:
        """Return what goes wrong with a request, and count it."""
        with self.lock:
            for fault in self.faults:
                if fault.times > 0 and fault.where in line:
                    fault.times -= 1
                    return fault
        return None

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


@contextlib.contextmanager
def running_hub(tls: ssl.SSLContext | None = None) -> Iterator[HubServer]:
    """An empty server that runs; with a certificate it speaks https."""
    server = HubServer(tls)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def git_name(content: bytes) -> str:
    """Return what git calls a file of this content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


@functools.lru_cache(maxsize=256)
def _tag(content: bytes) -> str:
    return f'"{hashlib.md5(content).hexdigest()}"'


@functools.lru_cache(maxsize=256)
def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _handler(server: HubServer) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        hub = server

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing about clients that have gone: that is what they are tested for."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, ssl.SSLError)):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    hub: HubServer
    protocol_version = "HTTP/1.1"
    fault: Fault | None = None
    counted = False

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""

    def _answer(self) -> None:
        hub, path = self.hub, unquote(urlsplit(self.path).path)
        with hub.lock:
            hub.asked.append(Asked(self.command, path, self.headers["Host"], dict(self.headers)))
            hub.at_once += 1
            hub.most_at_once = max(hub.most_at_once, hub.at_once)
            self.counted = True
        try:
            self.fault = hub.take_fault(f"{self.command} {path}")
            with contextlib.suppress(ConnectionError, socket.timeout):
                self._route(path)
        finally:
            self._no_longer_at_once()

    def _no_longer_at_once(self) -> None:
        """Count before the last bytes are sent: whoever has them may go on while this thread does not."""
        with self.hub.lock:
            self.hub.at_once -= self.counted
            self.counted = False

    def _route(self, path: str) -> None:
        if self._is("hang"):
            self.hub.closing.wait(30)
            self.close_connection = True
        elif self.fault and isinstance(self.fault.what, int):
            self._refuse(self.fault.what, "", self.fault.headers)
        elif path in self.hub.pages:
            self._send(self.hub.pages[path], {})
        elif api := _API.fullmatch(path):
            self._describe(api["repo"], api["revision"])
        elif path in self.hub.files:
            content = self.hub.files[path]
            self._send(content, {"ETag": _tag(content)})
        elif path in self.hub.redirects:
            self._send(b"", {"Location": self.hub.redirects[path]}, status=302)
        elif path.startswith("/cdn/"):
            self._serve_large(path.removeprefix("/cdn/"))
        elif resolve := _RESOLVE.fullmatch(path):
            self._resolve(resolve["repo"], resolve["revision"], resolve["name"])
        else:
            self._refuse(404, "")

    def _is(self, what: str) -> bool:
        return self.fault is not None and self.fault.what == what

    def _commit(self, repo: str, revision: str) -> str | None:
        """Return the commit that is asked for, or refuse."""
        hub, shown = self.hub, self.headers.get("Authorization")
        right = shown == f"Bearer {hub.token}"
        if shown and not right:
            return self._refuse(401, "", {"X-Error-Message": "Invalid credentials in Authorization header"})
        if repo not in hub.repos or (repo in hub.private and not right):
            return self._refuse(404 if right else 401, "RepoNotFound")
        if repo in hub.gated and not right:
            return self._refuse(401, "GatedRepo")
        commit = hub.branches[repo].get(revision, revision)
        return commit if commit in hub.repos[repo] else self._refuse(404, "RevisionNotFound")

    def _describe(self, repo: str, revision: str) -> None:
        if commit := self._commit(repo, revision):
            names = [{"rfilename": name} for name in self.hub.repos[repo][commit]]
            content = json.dumps({"_id": "1", "id": repo, "sha": commit, "siblings": names}).encode()
            self._send(content, {"Content-Type": "application/json"})

    def _resolve(self, repo: str, revision: str, name: str) -> None:
        commit = self._commit(repo, revision)
        if not commit:
            return
        content = self.hub.repos[repo][commit].get(name)
        headers = {"X-Repo-Commit": commit}
        if content is None:
            self._refuse(404, "EntryNotFound", headers)
        elif len(content) < LARGE_BYTES:
            self._send(content, {**headers, "ETag": f'"{git_name(content)}"'})
        else:
            digest = _sha256(content)
            headers |= {"X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(len(content))}
            if self.hub.xet:
                headers |= {"X-Xet-Hash": digest, "X-Xet-Refresh-Route": f"/api/models/{repo}/xet-read-token/{commit}"}
            self._send(b"", {**headers, "Location": f"{self.hub.cdn}/{digest}?signature=secret"}, status=302)

    def _serve_large(self, digest: str) -> None:
        contents = (
            content for commits in self.hub.repos.values() for files in commits.values() for content in files.values()
        )
        content = next(content for content in contents if _sha256(content) == digest)
        self._send(content, {"ETag": _tag(content)})

    def _refuse(self, status: int, code: str, headers: dict[str, str] | None = None) -> None:
        self._send(b"", {**(headers or {}), **({"X-Error-Code": code} if code else {})}, status=status)

    def _send(self, content: bytes, headers: dict[str, str], status: int = 200) -> None:
        if status == 200:
            status, content, headers = self._with_conditions(content, headers)
        if self._is("wrong"):
            content = bytes(byte ^ 0xFF for byte in content)
        if self._is("too long"):
            content += content
        length = {"Content-Length": str(len(content))}
        if self._is("no length"):
            length = {"Connection": "close"}
        if self._is("packed"):
            length |= {"Content-Encoding": "gzip"}
        self.send_response(status)
        for name, value in {**headers, **length}.items():
            self.send_header(name, value)
        if self.command != "GET" or not content:
            self._no_longer_at_once()
        self.end_headers()
        if self.command == "GET":
            self._write(content)

    def _with_conditions(self, content: bytes, headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        """Answer conditional requests and requests of the rest of a file."""
        if self._is("no tags") or not self.hub.tagged:
            headers = {name: value for name, value in headers.items() if name != "ETag"}
        if self._is("packed"):
            import gzip

            return 200, gzip.compress(content), headers
        tag, asked = headers.get("ETag"), _RANGE.fullmatch(self.headers.get("Range", ""))
        if tag and self.headers.get("If-None-Match") == tag:
            return 304, b"", headers
        if not asked or self._is("no ranges") or self.headers.get("If-Range", tag) != tag:
            return 200, content, headers
        start = int(asked[1])
        if start >= len(content):
            return 416, b"", {**headers, "Content-Range": f"bytes */{len(content)}"}
        start += 1 if self._is("other piece") else 0
        return 206, content[start:], {**headers, "Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"}

    def _write(self, content: bytes) -> None:
        middle = len(content) // 2
        if self._is("cut") or self._is("silent"):
            self.wfile.write(content[:middle])
            self.wfile.flush()
            if self._is("silent"):
                self.hub.closing.wait(30)
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif self._is("slow"):
            step = max(1, len(content) // 20)
            for start in range(0, len(content), step):
                self.hub.closing.wait(0.02)
                if start + step >= len(content):
                    self._no_longer_at_once()
                self.wfile.write(content[start : start + step])
                self.wfile.flush()
        else:
            self._no_longer_at_once()
            self.wfile.write(content)
        if self._is("no length"):
            self.close_connection = True


def main(folder: str) -> Any:
    """Serve the repositories in a folder until the process ends; prints the address."""
    with running_hub() as hub:
        for repo in Path(folder).glob("*/*"):
            files = {path.relative_to(repo).as_posix(): path.read_bytes() for path in repo.rglob("*") if path.is_file()}
            hub.add(repo.relative_to(folder).as_posix(), files)
        sys.stdout.write(hub.url + "\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1])
