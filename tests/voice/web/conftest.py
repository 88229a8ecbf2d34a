"""Lets the tests of this folder import their helpers, and says where their screenshots go."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def screenshot_dir(tmp_path: Path) -> Path:
    """The folder in CONVAI_SCREENSHOTS, or a temporary one."""
    return Path(os.environ.get("CONVAI_SCREENSHOTS", tmp_path))
