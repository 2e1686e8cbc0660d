"""The watcher's last word, its lock, and what is made of both for people and programs."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.ledger.sqlite import open_ledger, open_reader
from pipeline.left_out import By, Cause, LeftOut
from pipeline.service.heartbeat import (
    Heartbeat,
    WatchState,
    one_watcher,
    read_heartbeat,
    watch_state,
    watcher_lives,
)
from pipeline.wording import since
from tests.makers import arrival, original

NOW = datetime.now(UTC)


def heartbeat(beat_at: datetime = NOW, **more: object) -> Heartbeat:
    facts: dict[str, object] = {
        "pid": 7,
        "started_at": NOW,
        "beat_at": beat_at,
        "folders": ("/in",),
        "gone": (),
        "settling": 2,
        "error_at": None,
        "error": None,
    }
    return Heartbeat(**{**facts, **more})  # type: ignore[arg-type]


def state(*, alive: bool, last: Heartbeat | None, late: bool = False, noted: int = 0) -> WatchState:
    return WatchState(
        alive=alive, last=last, late=late, stored_today=4, unfinished=3, noted_down=noted
    )


def test_a_watcher_at_work_tells_of_its_folders_and_what_is_on_the_way() -> None:
    last = heartbeat(folders=("/in", "/b"), gone=("/b",), error_at=NOW, error="the shop is away")
    told = state(alive=True, last=last)
    first, *others = told.sentences()
    assert told.at_work
    assert first.startswith("watching 2 folders since ")
    assert first.endswith(", 4 stored today, 3 not finished, 2 still being copied")
    assert others[0] == "/b is gone: watched again when it is back"
    assert others[1].endswith(": the shop is away")


def test_a_watcher_tells_for_which_file_others_wait() -> None:
    one = state(alive=True, last=heartbeat(held_back=1, waits_for=("/in/SM-13/1.jpg",)))
    assert list(one.sentences())[1] == (
        "1 photograph is held back until an earlier one is completely written: /in/SM-13/1.jpg"
    )
    two = state(alive=True, last=heartbeat(held_back=2, waits_for=("/in/SM-13/1.jpg",)))
    assert list(two.sentences())[1].startswith("2 photographs are held back until an")
    assert two.document()["watcher"]["held_back"] == 2
    assert two.document()["watcher"]["waits_for"] == ["/in/SM-13/1.jpg"]


def test_the_word_of_an_older_watcher_is_understood(tmp_path: Path) -> None:
    heartbeat().write(tmp_path)
    document = json.loads((tmp_path / "watch.json").read_text())
    del document["held_back"], document["waits_for"]
    (tmp_path / "watch.json").write_text(json.dumps(document))
    assert read_heartbeat(tmp_path) == heartbeat()


def test_a_watcher_that_does_not_move_is_not_at_work() -> None:
    told = state(alive=True, last=heartbeat(), late=True)
    assert not told.at_work
    assert "has not moved since" in list(told.sentences())[1]


def test_a_watcher_that_has_said_nothing_is_starting() -> None:
    told = state(alive=True, last=None)
    assert (told.starting, told.at_work) == (True, False)
    assert list(told.sentences()) == ["a watcher is starting"]
    assert told.document()["watcher"] is None


def test_a_watcher_that_died_is_told_of_and_is_nobody_in_the_document() -> None:
    told = state(alive=False, last=heartbeat())
    assert not told.at_work
    assert next(told.sentences()).startswith("no watcher runs: the one that started ")
    assert told.document()["watcher"] is None


def test_shots_that_wait_are_told_of_though_nobody_watches() -> None:
    assert list(state(alive=False, last=None).sentences()) == []
    (one,) = state(alive=False, last=None, noted=1).sentences()
    (two,) = state(alive=False, last=None, noted=2).sentences()
    assert one.startswith("1 shot is noted down")
    assert two.startswith("2 shots are noted down")


def test_a_heartbeat_is_read_as_it_was_written(tmp_path: Path) -> None:
    last = heartbeat(
        folders=("/a", "/b"),
        gone=("/b",),
        error_at=NOW,
        error="what went wrong",
        held_back=3,
        waits_for=("/a/1.jpg",),
    )
    assert read_heartbeat(tmp_path) is None
    last.write(tmp_path)
    assert read_heartbeat(tmp_path) == last
    (tmp_path / "watch.json").write_text("{half")
    assert read_heartbeat(tmp_path) is None


def test_a_heartbeat_of_minutes_ago_is_late() -> None:
    assert not heartbeat(datetime.now(UTC)).late
    assert heartbeat(datetime.now(UTC) - timedelta(minutes=5)).late


def test_there_is_one_watcher_a_home_and_a_second_is_told_which(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with one_watcher(home):
        heartbeat().write(home)
        assert watcher_lives(home)
        with (
            pytest.raises(ConfigError, match=f"process 7, since {since(NOW)}.*Ctrl-C"),
            one_watcher(home),
        ):
            pass
        assert watcher_lives(home)
    assert not watcher_lives(home)
    assert read_heartbeat(home) is None


def test_the_state_of_a_home_is_made_of_lock_last_word_ledger_and_inbox(tmp_path: Path) -> None:
    with closing(open_reader(tmp_path / "ledger.sqlite3", None)) as reader:
        assert watch_state(tmp_path, reader, reader.tally()) == WatchState(
            alive=False, last=None, late=False, stored_today=0, unfinished=0, noted_down=0
        )
        with one_watcher(tmp_path):
            heartbeat(datetime.now(UTC) - timedelta(minutes=5)).write(tmp_path)
            stuck = watch_state(tmp_path, reader, reader.tally())
    assert (stuck.alive, stuck.late, stuck.at_work) == (True, True, False)


def test_what_nobody_works_on_is_said_with_its_folder(tmp_path: Path) -> None:
    """Also where a killed process has left its lock."""
    ledger = open_ledger(tmp_path / "ledger.sqlite3", "shop", "run", lambda: NOW)
    for name in ("a", "b"):
        ledger.receive(arrival(f"/wrong/{name}.jpg"), original(f"/wrong/{name}.jpg", name.encode()))
    with closing(open_reader(tmp_path / "ledger.sqlite3", None)) as reader:
        assert watch_state(tmp_path, reader, reader.tally()).left == {}, "it is at work"
        ledger.close()
        (tmp_path / "owners" / "dead.lock").touch()
        left = watch_state(tmp_path, reader, reader.tally())
    document = left.document()
    assert document["not_finished"] == [{"folder": "/wrong", "number": 2}]
    (sentence,) = (one for one in left.sentences() if "not finished" in one)
    assert sentence == (
        "2 photographs of /wrong are not finished: `pipeline resume /wrong` goes on, "
        "`pipeline drop /wrong` forgets them"
    )


def test_what_is_left_out_of_the_folders_is_told_by_its_cause(tmp_path: Path) -> None:
    left_out = (
        LeftOut(Cause(By.IGNORE_FILE, tmp_path), 3, 0, tmp_path / "a.tif"),
        LeftOut(Cause(By.OLDER, since="2026-11-01"), 40, 0, tmp_path / "b.jpg"),
    )
    one = heartbeat(left_out=left_out)
    one.write(tmp_path)
    assert read_heartbeat(tmp_path) == one
    assert [
        sentence for sentence in state(alive=True, last=one).sentences() if "left out" in sentence
    ] == [
        f"3 files left out by .pipelineignore in {tmp_path} (a.tif, …)",
        "40 files left out: older than 2026-11-01 (b.jpg, …)",
    ]


def test_what_holds_up_all_is_told(tmp_path: Path) -> None:
    heartbeat(held_up="uploads are paused: 422").write(tmp_path)
    told = state(alive=True, last=read_heartbeat(tmp_path))
    assert "uploads are paused: 422" in list(told.sentences())
    assert told.document()["watcher"]["held_up"] == "uploads are paused: 422"


def test_of_which_shop_the_watcher_is_is_said_and_numbers_of_another_are_not(
    tmp_path: Path,
) -> None:
    store = {"kind": "real", "address": "https://outlet.example/v3", "name": "outlet"}
    heartbeat(store=store).write(tmp_path)
    last = read_heartbeat(tmp_path)
    assert last is not None
    assert last.store == store
    own = replace(state(alive=True, last=last), identity="outlet.example/v3")
    other = replace(own, identity="main.example/v3")
    begun = f"watching 1 folder for outlet (outlet.example) since {since(NOW)}"
    assert next(own.sentences()) == f"{begun}, 4 stored today, 3 not finished, 2 still being copied"
    assert next(other.sentences()) == begun
    assert own.document()["watcher"]["store"] == store
    # An earlier version says nothing of it, and a shop without a name has none.
    for of_no_name in (None, {**store, "name": None}):
        one = state(alive=True, last=heartbeat(store=of_no_name))
        assert next(one.sentences()).startswith("watching 1 folder since")
