"""The watcher's life: settings that change, stops, one a home, the hook's shots, polling."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

import pytest

from pipeline.hook.inbox import entries
from tests import posix
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, ended, photograph, until
from tests.stories.test_watch import all_once
from tests.stories.watching import Watching, counts


def test_a_token_that_is_not_taken_stops_uploads_once_and_new_settings_mend_it(
    pipeline: Command, store: StoreProcess, watched: Path
) -> None:
    token = pipeline.environment.pop("BIGCOMMERCE_ACCESS_TOKEN")
    config = pipeline.home / "pipeline.toml"
    pipeline.home.mkdir()
    config.write_text('access_token = "no-longer-good"\n')
    config.chmod(0o600)
    watching = Watching(pipeline, watched, quiet_after=0.5)
    with watching.running():
        for number in range(1, 6):
            photograph(watched / "158" / f"158_{number}.jpg", number)
        until(lambda: sum(counts(pipeline).values()) == 5)
        time.sleep(6)
        assert counts(pipeline)["stored"] == counts(pipeline)["failed"] == 0
        assert watching.log().count("nothing is sent until this is put right") == 1
        config.write_text(f'access_token = "{token}"\n')
        watching.stored(5)
    assert "access_token changed" in watching.log()
    assert token not in watching.log()
    all_once(pipeline, store, sorted((watched / "158").glob("*.jpg")))


def test_hup_reads_the_settings_again_and_wrong_ones_are_not_taken(
    pipeline: Command, store: StoreProcess, watched: Path
) -> None:
    watching = Watching(pipeline, watched, quiet_after=0.5)
    with watching.running():
        assert watching.process is not None
        watching.process.send_signal(posix.SIGHUP)
        until(lambda: "the settings were read again: nothing changed" in watching.log())
        (pipeline.home / "pipeline.toml").write_text("quality_best = 1000\n")
        until(lambda: "the settings stay as they were" in watching.log())
        photograph(watched / "158" / "158_1.jpg", 1)
        watching.stored(1)
        (pipeline.home / "pipeline.toml").write_text("quality_best = 90\n")
        until(lambda: "the settings were read again: quality_best changed" in watching.log())


def test_one_watcher_a_home_and_its_word_for_status(
    watching: Watching, pipeline: Command, store: StoreProcess, watched: Path
) -> None:
    with watching.running():
        assert watching.process is not None
        second = pipeline("watch", watched)
        assert second.status == 2
        assert f"process {watching.process.pid}, since " in second.err
        photograph(watched / "158" / "158_1.jpg", 1)
        photograph(watched / "not a sku" / "picture.jpg", 2)
        watching.stored(1)
        until(lambda: counts(pipeline)["waiting"] == 1)
        # The last word of the watcher, some seconds old, may count one twice.
        until(lambda: ", 1 stored today, 0 not finished" in pipeline("status").well().out)
        said = pipeline("status").well().out
        assert re.search(
            r"watching 1 folder since \w+ \d\d:\d\d, 1 stored today, 0 not finished", said
        )
    assert "watching" not in pipeline("status").well().out
    lines = [json.loads(line) for line in watching.log().splitlines()]
    assert all({"at", "level", "message"} <= line.keys() for line in lines)
    stored = [line for line in lines if line.get("state") == "stored"]
    assert len(stored) == 1


def test_a_stop_in_the_middle_leaves_nothing_uploading(
    watching: Watching, pipeline: Command, store: StoreProcess, watched: Path
) -> None:
    for number in range(1, 31):
        photograph(watched / "158" / f"158_{number}.jpg", number, (2400, 1600))
    watching.start()
    until(lambda: len(store.images(158)) > 3)
    began = time.monotonic()
    watching.stop()
    assert time.monotonic() - began < 10
    states = counts(pipeline)
    assert states["uploading"] == 0
    assert 3 < states["stored"] < 30
    with watching.running():
        watching.stored(30)
    all_once(pipeline, store, sorted((watched / "158").glob("*.jpg")))


def test_a_stop_does_not_wait_for_a_store_that_does_not_answer(
    watching: Watching, pipeline: Command, store: StoreProcess, watched: Path
) -> None:
    store.misbehave({"do": "delay", "method": "POST", "seconds": 60, "when": "after", "times": 1})
    photograph(watched / "158" / "158_1.jpg", 1)
    watching.start()
    # The shop has it: before that a stop may well know that nothing was sent.
    until(lambda: counts(pipeline)["uploading"] == 1 and len(store.images(158)) == 1)
    began = time.monotonic()
    watching.stop()
    assert time.monotonic() - began < 15
    assert counts(pipeline)["uploading"] == 1, "a doubt, for the next start"
    with watching.running():
        watching.stored(1)
    all_once(pipeline, store, [watched / "158" / "158_1.jpg"])


def test_a_running_watcher_takes_a_hooks_shot_at_once(
    watching: Watching, pipeline: Command, store: StoreProcess, watched: Path, tmp_path: Path
) -> None:
    with watching.running():
        pipeline("table", "--product", "159").well()
        pipeline("hook", photograph(tmp_path / "elsewhere" / "IMG_0001.JPG", 1)).well()
        until(lambda: len(store.images(159)) == 1, 5)
        assert not (pipeline.home / "logs" / "background.jsonl").exists()


def test_a_folder_is_polled_on_request(
    pipeline: Command, store: StoreProcess, watched: Path
) -> None:
    watching = Watching(pipeline, "--polling", watched, quiet_after=0.5, poll_every=0.5)
    with watching.running():
        time.sleep(1)
        photograph(watched / "158" / "158_1.jpg", 1)
        watching.stored(1, 20)
    all_once(pipeline, store, [watched / "158" / "158_1.jpg"])


def test_the_programs_own_home_cannot_be_watched(pipeline: Command) -> None:
    run = ended(pipeline.start("watch", pipeline.home / "spool"))
    assert run.status == 2
    assert "lies in the home folder of this program" in run.err


@pytest.mark.skipif(os.name != "posix", reason="named pipes are POSIX's")
def test_poison_in_the_inbox_stops_no_other_photograph(
    watching: Watching, pipeline: Command, store: StoreProcess, watched: Path, tmp_path: Path
) -> None:
    """A shot for one product after another, a barcode as its number, a pipe, and nonsense."""
    shot = tmp_path / "shots" / "IMG_0001.jpg"
    photograph(shot, 9)
    inbox = pipeline.home / "tray"
    barcode = "00123456789012345675210"
    with watching.running():
        for said in ("SM-13", "TYPO", "SM-14", os.fsdecode(b"\xff\xfe")):
            pipeline("hook", "--no-start", "--sku", said, shot).well()
            until(lambda: entries(str(pipeline.home)) == [])
        pipeline("hook", "--no-start", "--product", barcode, shot).well()
        posix.mkfifo(inbox / "0-a-pipe")
        (inbox / "1-nonsense").write_bytes(b"path=/a.jpg\0seen=yesterday\0")
        for number in (1, 2, 3):
            photograph(watched / "158" / f"158_{number}.jpg", number)
        until(lambda: watching.status()["set_aside"] == 2)
        until(lambda: entries(str(pipeline.home)) == [])
        mine = sorted((watched / "158").glob("*.jpg"))
        until(lambda: {"stored"} == {state_of(pipeline, file) for file in mine})
    assert "Traceback" not in watching.log()
    assert "a defect" not in watching.log()
    assert counts(pipeline)["failed"] == 0
    assert "2 notes are set aside" in pipeline("status").well().out


def state_of(pipeline: Command, file: Path) -> str | None:
    stories = pipeline("history", "--json", file).document
    return str(stories[0]["state"]) if stories else None
