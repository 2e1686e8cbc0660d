"""A store in a process of its own, and the command pointed at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.localstore.process import StoreProcess
from tests.stories.commands import Command


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StoreProcess]:
    """A store that knows every product and has no rate limit."""
    with StoreProcess(tmp_path / "store", "--open", "--plan", "unlimited") as process:
        yield process


@pytest.fixture
def pipeline(tmp_path: Path, store: StoreProcess) -> Command:
    """The command with a home of its own, pointed at the store; doubt is settled quickly."""
    return Command(tmp_path / "home", store, settle_after=1, patience=30)


@pytest.fixture
def alone(tmp_path: Path) -> Callable[..., Command]:
    """The command as a newcomer has it: with no store set."""
    return lambda **settings: Command(tmp_path / "home", **settings)
