"""What stands in front of several Rasas sends new callers where there is room, and those who come back to their server.

With light servers in the Rasas' place; tests/scale has real ones.
"""

from __future__ import annotations

import contextlib
import http.server
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from convai_rasa.launch import HOST, free_port

DEPLOY = Path(__file__).parents[2] / "deploy"
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
NAMES = ("rasa-1", "rasa-2")
NOTICED_S = 10.0

pytestmark = pytest.mark.processes


class Rasa:
    """A server that says its name, and in ``/ready`` whether it takes new callers."""

    def __init__(self, name: str) -> None:
        self.takes = True
        rasa = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200 if rasa.takes or not self.path.endswith("/ready") else 503)
                self.end_headers()
                with contextlib.suppress(ConnectionError):  # a check that has seen the status has seen enough
                    self.wfile.write(name.encode())

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = http.server.ThreadingHTTPServer((HOST, 0), Handler)
        self.address = f"{HOST}:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def die(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Front:
    """A proxy, and the Rasas behind it."""

    def __init__(self, address: str, rasas: dict[str, Rasa]) -> None:
        self.rasas = rasas
        self._address = address

    def new(self, count: int = 6) -> set[str]:
        """Return which servers so many new callers get."""
        return {self.get("") for _ in range(count)}

    def back(self, name: str) -> set[str]:
        """Return which servers three callers get who come back to one."""
        return {self.get(f"?replica={name}") for _ in range(3)}

    def get(self, query: str, path: str = "/webhooks/voice/") -> str:
        answer = requests.get(f"http://{self._address}{path}{query}", timeout=10)
        return answer.text if answer.status_code == 200 else str(answer.status_code)

    def new_become(self, *names: str) -> None:
        """Wait until new callers get these servers."""
        give_up_at = time.monotonic() + NOTICED_S
        while (found := self.new()) != set(names):
            assert time.monotonic() < give_up_at, found
            time.sleep(0.2)


@contextlib.contextmanager
def front(command: list[str], address: str, rasas: dict[str, Rasa], environment: dict[str, str]) -> Iterator[Front]:
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    try:
        give_up_at = time.monotonic() + NOTICED_S
        while True:
            assert process.poll() is None, process.stderr and process.stderr.read()
            with contextlib.suppress(requests.ConnectionError):
                requests.get(f"http://{address}/", timeout=1)
                break
            assert time.monotonic() < give_up_at
            time.sleep(0.05)
        yield Front(address, rasas)
    finally:
        process.terminate()
        process.communicate()
        for rasa in rasas.values():
            with contextlib.suppress(OSError):
                rasa.die()


@pytest.fixture
def haproxy() -> Iterator[Front]:
    program = shutil.which("haproxy", path=PATH)
    if program is None:
        pytest.skip("needs HAProxy (Debian's package haproxy)")
    rasas, address = {name: Rasa(name) for name in NAMES}, f"{HOST}:{free_port()}"
    environment = {"VOICE_LISTEN": address, "RASA_1": rasas["rasa-1"].address, "RASA_2": rasas["rasa-2"].address}
    with front([program, "-db", "-f", str(DEPLOY / "haproxy.cfg")], address, rasas, environment) as proxy:
        yield proxy


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Front]:
    program = shutil.which("nginx", path=PATH)
    if program is None:
        pytest.skip("needs nginx")
    rasas, address = {name: Rasa(name) for name in NAMES}, f"{HOST}:{free_port()}"
    text = (DEPLOY / "nginx.conf").read_text("utf-8").replace("listen 127.0.0.1:8080;", f"listen {address};")
    for port, name in (("5005", "rasa-1"), ("5006", "rasa-2")):
        text = text.replace(f"127.0.0.1:{port}", rasas[name].address)
    folders = " ".join(
        f"{kind}_temp_path {tmp_path}/t;" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    text = text.replace("http {", f"http {{ access_log off; {folders}", 1)
    place = tmp_path / "nginx.conf"
    place.write_text(f"daemon off; pid {tmp_path}/pid; error_log stderr;\n{text}", encoding="utf-8")
    with front([program, "-p", str(tmp_path), "-c", str(place)], address, rasas, {}) as proxy:
        yield proxy


@pytest.mark.parametrize("kind", ["haproxy", "nginx"])
def test_who_comes_back_reaches_their_server_and_another_only_if_it_is_dead(
    kind: str, request: pytest.FixtureRequest
) -> None:
    proxy: Front = request.getfixturevalue(kind)
    proxy.new_become(*NAMES)
    for name in NAMES:
        assert proxy.back(name) == {name}
    assert proxy.get("?replica=nobody") in NAMES
    assert proxy.get("", "/model") == "404", "Rasa's other channels are not for the world"
    proxy.rasas["rasa-1"].die()
    assert proxy.back("rasa-1") == {"rasa-2"}
    proxy.new_become("rasa-2")


def test_haproxy_gives_nobody_new_to_a_server_that_takes_none(haproxy: Front) -> None:
    haproxy.new_become(*NAMES)
    haproxy.rasas["rasa-1"].takes = False
    haproxy.new_become("rasa-2")
    assert haproxy.back("rasa-1") == {"rasa-1"}, "its callers still come back to it"
    haproxy.rasas["rasa-2"].takes = False
    haproxy.new_become(*NAMES)  # where nobody takes anybody, one of them says so, and when to come back
    haproxy.rasas["rasa-2"].takes = True
    haproxy.new_become("rasa-2")
