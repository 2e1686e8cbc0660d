"""A store in a process of its own, and the command pointed at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph
from tests.stories.watching import Watching


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
    return lambda **settings: Command(tmp_path / "home", plain_ids=False, **settings)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Three photographs each of the products 157 and 158."""
    folder = tmp_path / "shop"
    for number in range(1, 7):
        photograph(folder / str(157 + number % 2) / f"{number}.jpg", number)
    return folder


@pytest.fixture
def watched(tmp_path: Path) -> Path:
    """A folder to be watched, with one for the product 158."""
    folder = tmp_path / "shop"
    (folder / "158").mkdir(parents=True)
    return folder


@pytest.fixture
def watching(pipeline: Command, watched: Path) -> Watching:
    """A watcher of that folder, in more haste than by default."""
    return Watching(pipeline, watched, rescan_every=3, quiet_after=1)
