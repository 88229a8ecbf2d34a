from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasa

from convai_rasa.quiet import is_relevant

pytestmark = pytest.mark.processes


@pytest.mark.parametrize(
    ("filename", "category", "relevant"),
    [
        (np.__file__, UserWarning, False),
        (rasa.__file__, UserWarning, True),
        (rasa.__file__, DeprecationWarning, False),
        (__file__, DeprecationWarning, True),
        ("actions/booking.py", UserWarning, True),
        ("<string>", UserWarning, True),
    ],
)
def test_only_what_a_user_can_mend_is_shown(filename: str, category: type[Warning], relevant: bool) -> None:
    assert is_relevant(filename, category) is relevant


def quiet(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "convai_rasa.quiet", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=True)


def test_the_module_runs_with_its_arguments_and_its_own_warnings(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import sys, warnings\nprint(sys.argv[1:])\nwarnings.warn('look here')\n")
    run = quiet(tmp_path, "mine", "--flag", "x")
    assert run.stdout == "['--flag', 'x']\n"
    assert "look here" in run.stderr


def test_rasa_itself_says_nothing_superfluous(tmp_path: Path) -> None:
    run = quiet(tmp_path, "rasa", "data", "validate", "--help")
    assert "Warning" not in run.stdout + run.stderr
