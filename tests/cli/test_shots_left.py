"""What is still missing of today's shot list, as `pipeline status` tells it."""

from __future__ import annotations

from pathlib import Path

from pipeline.cli.shots_left import MOST_NAMED, ShotsLeft
from tests.servers import local_store
from tests.stories.commands import Command, photograph

LIST = Path("/photos/list.csv")


def test_of_many_that_lack_something_the_first_are_named() -> None:
    missing = {f"SM-{number}": ("back",) for number in range(MOST_NAMED + 2)}
    told = list(ShotsLeft(path=LIST, products=40, looked_at=40, missing=missing).sentences())
    assert told[0] == "Shot list: 28 of 40 products are complete."
    assert told[1] == "  SM-0 lacks back"
    assert told[-1] == "  and 2 more: `pipeline missing --list /photos/list.csv`"
    assert len(told) == MOST_NAMED + 2


def test_of_a_list_that_is_too_long_the_first_are_looked_at() -> None:
    told = list(ShotsLeft(path=LIST, products=5_000, looked_at=1_000).sentences())
    assert told == ["Shot list: 1,000 of the first 1,000 of 5,000 products are complete."]


def test_status_says_what_the_list_lacks_and_the_next_shot_gets_it(tmp_path: Path) -> None:
    with local_store(tmp_path / "shop", catalogue="1,MUG-1,Mug,\n2,MUG-2,Red mug,\n") as store:
        listed = tmp_path / "list.csv"
        listed.write_text('sku,views\nMUG-1,"front,back,detail"\nMUG-2,front\n')
        pipeline = Command(tmp_path / "home", store, plain_ids=False, shot_list=listed)
        pipeline("run", photograph(tmp_path / "in" / "MUG-2_front.jpg", 1)).well()
        told = pipeline("status").well().out
        assert "Shot list: 1 of 2 products is complete.\n  MUG-1 lacks front, back, detail" in told
        pipeline("table", "MUG-1").well()
        shots = [photograph(tmp_path / "card" / f"capt{n}.jpg", 10 + n) for n in range(2)]
        pipeline("hook", "--wait", *shots).well()
        left = pipeline("status", "--json").well().document["shot_list"]
        listed.write_text("nothing of the kind\n")
        unreadable = pipeline("status").well().out
    assert left["missing"] == [{"sku": "MUG-1", "views": ["detail"]}]
    assert (left["products"], left["complete"], left["error"]) == (2, 1, None)
    assert "list.csv is no shot list" in unreadable
