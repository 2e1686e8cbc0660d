"""What is changed in the shop is written down before, done once, and taken up where it was cut."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from pipeline.faultpoints import VARIABLE
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the command is killed")


def shop(store: StoreProcess) -> list[Any]:
    return [
        (one["id"], one["sort_order"], one["is_thumbnail"], one["description"])
        for one in sorted(store.images(158), key=lambda one: int(one["id"]))
    ]


def places(trace: Path) -> list[str]:
    """Return the places of the journal and of the request that a command came by."""
    wanted = ("plan", "intend_change", "change_done", "update", "delete")
    met = trace.read_text("utf-8").split("\n")
    return [place for place in met if place.partition("@")[0].endswith(wanted)]


@pytest.mark.parametrize(
    "words",
    [
        ("update", "158", "{0}", "--order", "5", "--thumbnail", "--description", "a mug"),
        ("delete", "--yes", "158", "{0}"),
    ],
    ids=["update", "delete"],
)
def test_a_change_that_is_killed_at_any_step_is_finished_by_the_next_command(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    store = StoreProcess(tmp_path / "store", "--open", "--plan", "unlimited")
    with store:
        pipeline = Command(tmp_path / "home", store)

        def stored(name: str) -> int:
            file = photograph(tmp_path / "158" / name, number=len(name))
            pipeline("run", file).well()
            return max(int(one["id"]) for one in store.images(158))

        def call(image: int, faults: str) -> int:
            given = [word.format(image) for word in words]
            return pipeline("images", *given, environment={VARIABLE: faults}).status

        stored("a.jpg")
        trace = tmp_path / "trace"
        image = stored("bb.jpg")
        assert call(image, f"trace:{trace}") == 0
        for number, place in enumerate(places(trace)):
            image = stored(f"{'c' * (number + 3)}.jpg")
            before = shop(store)
            assert call(image, f"kill:{place}") != 0
            pipeline("resume").well()
            now = next((one for one in shop(store) if one[0] == image), None)
            if place == "before ledger.plan@1":
                assert shop(store) == before, "nothing was said of it yet"
            elif words[0] == "delete":
                assert now is None, place
            else:
                assert now == (image, 5, True, "a mug"), place
            assert sum(one[2] for one in shop(store)) == 1, "one main picture"
        assert pipeline("ledger", "check").status == 0
