"""A store, the command, and a ledger in which something has happened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph


@dataclass(frozen=True)
class Studio:
    """A home where one photograph is stored, one waits and one was refused."""

    store: StoreProcess
    pipeline: Command
    stored: Path
    waiting: Path
    refused: Path


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    folder = tmp_path_factory.mktemp("studio")
    with StoreProcess(folder / "store", "--open", "--plan", "unlimited") as store:
        pipeline = Command(folder / "home", store)
        stored = photograph(folder / "158" / "front.jpg", 1)
        waiting = photograph(folder / "holiday" / "beach.jpg", 2)
        refused = folder / "158" / "empty.jpg"
        refused.touch()
        assert pipeline("run", folder / "158", folder / "holiday").status == 1
        yield Studio(store, pipeline, stored, waiting, refused)
