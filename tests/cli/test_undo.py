"""What `pipeline undo` and `redo` refuse; what they do is told in `tests/stories`."""

from __future__ import annotations

from pathlib import Path

from tests.servers import local_store
from tests.stories.commands import Command, photograph


def test_what_makes_no_sense_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with local_store(tmp_path / "store", "--plan", "unlimited") as store:
        pipeline = Command(tmp_path / "home", store)
        assert "nothing to undo" in pipeline("undo").well().out
        assert "nothing to redo" in pipeline("redo").well().out
        pipeline("run", photograph(tmp_path / "158" / "a.jpg")).well()
        for words, sentence in (
            (("undo", "9"), "there is no batch 9"),
            (("redo", "1"), "batch 1 is no undo"),
            (("undo",), "give --yes"),
        ):
            refused = pipeline(*words)
            assert refused.status == 2, words
            assert sentence in refused.err
        pipeline("undo", "1", "--yes").well()
        assert "taken back already, by 2" in pipeline("undo", "1", "--yes").err
        assert store.images(158) == []
