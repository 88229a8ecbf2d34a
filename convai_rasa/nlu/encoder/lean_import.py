"""Import a library that would pull in torch just to look whether it is there.

spaCy (through thinc) and ``ctranslate2.specs`` do ``try: import torch`` at import time and work without
it. In a server that costs half a gigabyte of memory for nothing, so they are imported with torch hidden.
"""

from __future__ import annotations

import importlib
import sys
import threading
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Iterator, Optional, Sequence

from convai_rasa.errors import require


class _HideTorch(MetaPathFinder):
    """Makes ``import torch`` fail in the one thread that asked for it; other threads are not disturbed."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()

    def find_spec(
        self, fullname: str, path: Optional[Sequence[str]], target: Optional[ModuleType] = None
    ) -> Optional[ModuleSpec]:
        if fullname == "torch" and threading.get_ident() == self._thread:
            raise ModuleNotFoundError("torch is hidden while an inference library is imported", name=fullname)
        return None


@contextmanager
def torch_hidden() -> Iterator[None]:
    """Hide torch from imports of this thread; a torch that is already loaded stays visible."""
    finder = _HideTorch()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def lean_import(module: str, *, extra: str = "nlu") -> ModuleType:
    """Import an optional library such as ``spacy``, which an ``extra`` installs, without letting it import torch.

    Raises:
        MissingExtra: the module is not installed.
    """
    if module in sys.modules:
        return importlib.import_module(module)
    with torch_hidden():
        return require(module, extra=extra)
