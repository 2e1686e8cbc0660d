"""A watched folder for the tests of the watcher."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.intake.watching.watched import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)
