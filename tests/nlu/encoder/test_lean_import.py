from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from convai_rasa.errors import MissingExtra
from convai_rasa.nlu.encoder.lean_import import lean_import, torch_hidden

pytestmark = pytest.mark.slow


@pytest.mark.processes
def test_spacy_is_imported_without_torch() -> None:
    code = (
        "import sys; from convai_rasa.nlu.encoder.lean_import import lean_import; lean_import('spacy');"
        "print('torch' in sys.modules); import torch; print(torch.tensor(1).item())"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "1"]


def test_other_threads_still_find_what_is_hidden_here(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    monkeypatch.delitem(sys.modules, "torch", raising=False)
    found: list[bool] = []
    with torch_hidden():
        with pytest.raises(ModuleNotFoundError, match="hidden"):
            importlib.util.find_spec("torch")
        other = threading.Thread(target=lambda: found.append(importlib.util.find_spec("torch") is not None))
        other.start()
        other.join()
    assert found == [True]


def test_a_missing_library_names_the_extra() -> None:
    with pytest.raises(MissingExtra, match=r"convai-rasa\[rasa,nlu\]"):
        lean_import("no_such_library")
