"""`pipeline batches` lists what was changed; that it is true is told in `tests/stories`."""

from __future__ import annotations

from pathlib import Path

from tests.servers import local_store
from tests.stories.commands import Command, photograph


def test_the_last_ones_are_listed_with_what_made_them(tmp_path: Path) -> None:
    with local_store(tmp_path / "store", "--plan", "unlimited") as store:
        pipeline = Command(tmp_path / "home", store)
        assert "Nothing was changed" in pipeline("batches").well().out
        assert pipeline("batches", "--json").well().document == []
        for number in range(3):
            pipeline("run", photograph(tmp_path / "158" / f"{number}.jpg", number)).well()
        listed = pipeline("batches").well().out
        assert listed.count("1 uploaded") == 3
        assert "pipeline run" in listed
        last, before = pipeline("batches", "--limit", "2", "--json").well().document
        assert (last["batch"], before["batch"]) == (3, 2)
        assert last["ended_at"] is not None
        assert last["store"]["kind"] == "test"
