"""What is on the table, which of its views were shot, and which comes next."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.cli.next_shots import views_in_words
from tests.servers import local_store
from tests.stories.commands import Command, photograph


@pytest.mark.parametrize(
    ("shot", "words"),
    [
        (set(), "Views: front next, back, detail."),
        ({"front"}, "Views: front done, back next, detail."),
        ({"detail", None}, "Views: front next, back, detail done."),
        ({"front", "back", "detail", "top"}, "All views are there: front, back, detail."),
    ],
)
def test_the_views_stand_in_their_order_with_what_is_there(
    shot: set[str | None], words: str
) -> None:
    assert views_in_words(("front", "back", "detail"), shot) == words


def test_the_table_says_which_view_comes_next(tmp_path: Path) -> None:
    with local_store(tmp_path / "shop", catalogue="1,MUG-1,Mug,\n2,MUG-2,Red mug,\n") as store:
        pipeline = Command(tmp_path / "home", store)
        listed = tmp_path / "list.csv"
        listed.write_text('sku,views\nMUG-1,"front,back,detail"\n')
        pipeline.environment["PIPELINE_SHOT_LIST"] = str(listed)
        assert "Views: front next, back, detail." in pipeline("table", "MUG-1").well().out
        photograph(tmp_path / "in" / "MUG-1_front.jpg", 1)
        (tmp_path / "in" / "MUG-1_back.jpg").write_bytes(b"\xff\xd8\xff cut off")
        assert pipeline("run", tmp_path / "in").status == 1
        assert "Views: front done, back next, detail." in pipeline("table").well().out
        assert "It is not on the shot list." in pipeline("table", "MUG-2").well().out
        pipeline.environment["PIPELINE_SHOT_LIST"] = str(tmp_path / "none.csv")
        end = pipeline("table")
    assert end.status == 2
    assert "none.csv cannot be read as a shot list" in end.err
