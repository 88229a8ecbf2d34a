"""``make test-unit`` stays quick: what takes seconds to import is not imported for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

COLLECT = """
import sys, pytest
failed = pytest.main(["--unit", "--collect-only", "--quiet"])
imported = {"rasa", "tensorflow", "torch"} & sys.modules.keys()
sys.exit(f"{failed}, with {imported}" if failed or imported else 0)
"""


@pytest.mark.processes
def test_unit_tests_import_neither_rasa_nor_torch() -> None:
    run = [sys.executable, "-c", COLLECT]
    done = subprocess.run(run, cwd=Path(__file__).parent.parent, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-1000:]
