"""A channel of the tests: says from inside the server what it holds. No part of the plugin."""

from __future__ import annotations

import asyncio
import collections
import gc
import os
import sys
import threading
from pathlib import Path
from typing import Any, Awaitable, Callable

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

_COUNTED = ("Call", "Session", "Speaker", "Listener", "Connection", "NativeWire", "TwilioWire", "WebSocketConnection")
_ENGINES = ("ctranslate2", "onnxruntime", "spacy", "torch", "transformers", "TTS")


class ProbeInput(InputChannel):
    """``GET /webhooks/probe/``."""

    @classmethod
    def name(cls) -> str:
        return "probe"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("probe")

        @blueprint.get("/")
        async def probe(request: Request) -> HTTPResponse:
            gc.collect()
            return response.json(_held())

        return blueprint


def _held() -> dict[str, Any]:
    tasks = [_where(task.get_coro()) for task in asyncio.all_tasks()]
    objects = collections.Counter(
        type(one).__name__
        for one in gc.get_objects()
        if type(one).__name__ in _COUNTED and type(one).__module__.startswith(("convai_rasa.", "websockets."))
    )
    return {
        "pid": os.getpid(),
        "tasks": len(tasks),
        "task_names": collections.Counter(tasks),
        "threads": len(os.listdir("/proc/self/task")),
        "thread_names": sorted(thread.name for thread in threading.enumerate()),
        "descriptors": len(os.listdir("/proc/self/fd")),
        "memory_mb": _memory_kb() / 1024,
        "objects": dict(objects),
        "engines": [name for name in _ENGINES if name in sys.modules],
    }


def _where(coroutine: Any) -> str:
    """Return what a task is, and what it waits for."""
    inside = coroutine
    while getattr(inside, "cr_await", None) is not None and hasattr(inside.cr_await, "cr_frame"):
        inside = inside.cr_await
    frame = getattr(inside, "cr_frame", None)
    line = f" at {Path(frame.f_code.co_filename).name}:{frame.f_lineno}" if frame is not None else ""
    return f"{coroutine.__qualname__} in {inside.__qualname__}{line}"


def _memory_kb() -> int:
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss_Anon:"):  # what the process has filled itself
            return int(line.split()[1])
    return 0
