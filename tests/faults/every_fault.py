"""Fills the list of faults: each module does so when it is imported."""

from __future__ import annotations

import actions_faults  # noqa: F401 - fills the list
import clients_faults  # noqa: F401 - fills the list
import disk_faults  # noqa: F401 - fills the list
import ending_faults  # noqa: F401 - fills the list
import engines_faults  # noqa: F401 - fills the list
import sqlite_faults  # noqa: F401 - fills the list
import starting_faults  # noqa: F401 - fills the list
import stopping_faults  # noqa: F401 - fills the list
import stores_faults  # noqa: F401 - fills the list
