"""How many photographs there are in each state."""

from __future__ import annotations

from pipeline.lifecycle import State
from tests.cli.conftest import Studio


def test_status_counts_by_state(studio: Studio) -> None:
    document = studio.pipeline("status", "--json").well().document
    assert set(document["counts"]) == {*map(str, State), "not_for_upload"}
    assert {name: n for name, n in document["counts"].items() if n} == {
        "stored": 1,
        "waiting": 1,
        "refused": 1,
    }
    shown = studio.pipeline("status").well().out
    assert "1  stored" in shown
    assert "3  in all" in shown
