"""Which actions fail while a turn is answered.

Rasa logs the exception of an action, of its server being gone too, and goes on as if the action had nothing to say: the
caller would hear silence. The log is the only place where it tells.
"""

from __future__ import annotations

import contextlib
import contextvars
import logging
from typing import Iterator, List, Optional

_failed: contextvars.ContextVar[Optional[List[BaseException]]] = contextvars.ContextVar("failed_actions", default=None)


@contextlib.contextmanager
def failed_actions() -> Iterator[List[BaseException]]:
    """Collect the exceptions of actions that this task runs."""
    processor = logging.getLogger("rasa.core.processor")
    if _notice not in processor.filters:
        processor.addFilter(_notice)
    failed: List[BaseException] = []
    token = _failed.set(failed)
    try:
        yield failed
    finally:
        _failed.reset(token)


def _notice(record: logging.LogRecord) -> bool:
    failed = _failed.get()
    if failed is not None and record.funcName == "_run_action" and record.exc_info and record.exc_info[1] is not None:
        failed.append(record.exc_info[1])
    return True
