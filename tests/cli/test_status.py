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


def test_status_says_what_today_brought_also_without_a_watcher(studio: Studio) -> None:
    shown = studio.pipeline("status").well().out
    assert "Today: 3 found, 1 in the shop, 1 refused, 1 waiting for its product.\n" in shown
    today = studio.pipeline("status", "--json").well().document["today"]
    assert (today["stored"], today["refused"], today["waiting"]) == (1, 1, 1)
