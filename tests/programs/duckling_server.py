"""A server that answers ``/parse`` as Duckling does: numbers, amounts of money, times and durations, in English.

``python duckling_server.py 8000`` starts one by hand, for the projects in ``tests/project/projects``.
"""

from __future__ import annotations

import json
import sys
import threading
from contextlib import contextmanager
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Iterator
from urllib.parse import parse_qs

from recognizers_date_time import recognize_datetime
from recognizers_number import recognize_number
from recognizers_number_with_unit import recognize_currency

_CULTURE = "en-us"
_LONGEST_BODY = 16_384  # bytes
_LONGEST_WAIT_S = 5.0  # for a client that has connected and says nothing


def parse(text: str, dims: list[str], now: datetime) -> list[dict[str, Any]]:
    """Return what Duckling's ``/parse`` does: of each thing its words, its place, its dimension and its value."""
    found = []
    if "number" in dims:
        for one in recognize_number(text, _CULTURE):
            number = float((one.resolution or {}).get("value") or "nan")
            found.append(_entity(one, "number", {"value": int(number) if number.is_integer() else number}))
    if "amount-of-money" in dims:
        for one in recognize_currency(text, _CULTURE):
            amount = float(one.resolution["value"] or 0)
            found.append(_entity(one, "amount-of-money", {"value": amount, "unit": one.resolution["unit"]}))
    if {"time", "duration"} & set(dims):
        for one in recognize_datetime(text, _CULTURE, reference=now):
            best = one.resolution["values"][-1]
            kind = "duration" if best["type"] == "duration" else "time"
            if kind in dims and (moment := best.get("value") or best.get("start")):
                at = {"value": moment, "grain": "minute" if ":" in moment else "day"}
                found.append(_entity(one, kind, at if kind == "time" else {"value": float(moment), "unit": "second"}))
    return found


def _entity(one: Any, dim: str, value: dict[str, Any]) -> dict[str, Any]:
    place = {"body": one.text, "start": one.start, "end": one.end + 1}
    return {**place, "dim": dim, "latent": False, "value": {"type": "value", **value}}


class _Handler(BaseHTTPRequestHandler):
    timeout = _LONGEST_WAIT_S

    def do_GET(self) -> None:
        """Say that it is there, in the words of Duckling's own page."""
        self._answer(200, b"quack!", "text/plain")

    def do_POST(self) -> None:
        """Answer ``/parse``."""
        length = int(self.headers.get("Content-Length") or 0)
        if self.path != "/parse" or not 0 < length <= _LONGEST_BODY:
            self._answer(404 if self.path != "/parse" else 413, b"", "text/plain")
            return
        fields = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
        moment = int(fields.get("reftime") or 0) / 1000
        now = datetime.fromtimestamp(moment, timezone.utc).replace(tzinfo=None) if moment else datetime.now()
        found = parse(fields.get("text", ""), json.loads(fields.get("dims", '["number"]')), now)
        self._answer(200, json.dumps(found).encode(), "application/json;charset=utf-8")

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def duckling_server(port: int = 0) -> Iterator[str]:
    """Run a server on 127.0.0.1 and give its address; port 0 takes a free one."""
    with HTTPServer(("127.0.0.1", port), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


if __name__ == "__main__":
    with duckling_server(int(sys.argv[1]) if len(sys.argv) > 1 else 8000) as address:
        sys.stdout.write(f"Duckling's answers on {address}\n")
        sys.stdout.flush()
        threading.Event().wait()
