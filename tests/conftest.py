"""How the suite runs: two worker processes a processor, for most of a story is waiting."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# A busy machine is no fault of an example; what must be quick is counted in steps elsewhere.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return the number of processes for `-n auto`."""
    return 2 * (os.cpu_count() or 1)
