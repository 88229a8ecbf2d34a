"""Where all chance comes from, so that a run can be repeated, and one of its inputs too."""

from __future__ import annotations

import os
import random

SEED = int(os.environ.get("CONVAI_FUZZ_SEED", "14"))


def chance(kind: str, number: int = 0) -> random.Random:
    """Return the chance of one piece of work, the same in every run whatever else goes on."""
    return random.Random(f"{SEED}/{kind}/{number}")
