"""What `pipeline remove` refuses; what it does is told in `tests/stories`."""

from __future__ import annotations

from pathlib import Path

from tests.servers import local_store
from tests.stories.commands import Command, photograph


def test_one_thing_is_to_be_named_and_only_what_is_in_the_shop_goes(tmp_path: Path) -> None:
    with local_store(tmp_path / "store", "--plan", "unlimited") as store:
        pipeline = Command(tmp_path / "home", store)
        file = photograph(tmp_path / "158" / "a.jpg")
        for words in ((), (file, "--batch", "1"), ("--batch", "1", "--product", "158")):
            assert "one of these" in pipeline("remove", *words).err
        assert "there is no batch 1" in pipeline("remove", "--batch", "1").err
        assert "nothing to take out" in pipeline("remove", "--product", "158").well().out
        pipeline("run", file).well()
        removed = pipeline("remove", "--yes", file).well().out
        assert "1 image will be deleted from the shop." in removed
        assert "`pipeline undo 2` puts back" in removed
        assert store.images(158) == []
        assert pipeline("remove", "--yes", file).status == 1
