"""The hook as tethering programs call it, with the real command, store and gphoto2."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.home import BACKGROUND_LOCK
from pipeline.hook import inbox
from tests import posix
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph, until
from tests.stories.judge import judge


@pytest.fixture
def pipeline(tmp_path: Path, store: StoreProcess) -> Iterator[Command]:
    """The command, and no engine of a hook left behind when the test ends."""
    home = tmp_path / "home"
    yield Command(home, store, settle_after=1, patience=30)
    until(lambda: not inbox.is_locked(str(home), BACKGROUND_LOCK))


@pytest.fixture
def shoot(tmp_path: Path) -> Path:
    folder = tmp_path / "shoot"
    folder.mkdir()
    return folder


def shot(pipeline: Command, folder: Path, *arguments: str, **environment: str) -> int:
    """Call the hook as gphoto2 does: in the folder of the shoot, standard input closed."""
    return subprocess.run(
        [sys.executable, "-m", "pipeline", "hook", *arguments],
        cwd=folder,
        env={**pipeline.environment, **environment},
        stdin=None,
        preexec_fn=lambda: os.close(0),
        timeout=60,
        check=False,
    ).returncode


def counts(pipeline: Command) -> dict[str, int]:
    found: dict[str, int] = pipeline("status", "--json").well().document["counts"]
    return found


def ended_in_the_background(pipeline: Command) -> None:
    until(lambda: inbox.entries(str(pipeline.home)) == [])
    until(lambda: not inbox.is_locked(str(pipeline.home), BACKGROUND_LOCK))


def test_a_shoot_by_gphoto2s_protocol_is_in_the_store_once(
    pipeline: Command, store: StoreProcess, shoot: Path
) -> None:
    pipeline("table", "SM-13").well()
    assert shot(pipeline, shoot, ACTION="init") == 0
    assert shot(pipeline, shoot, ACTION="start") == 0
    for number in range(5):
        photograph(shoot / f"IMG_{number:04d}.JPG", number)
        (shoot / f"IMG_{number:04d}.CR3").write_bytes(b"raw")
        for suffix in ("CR3", "JPG"):
            name = f"IMG_{number:04d}.{suffix}"
            assert shot(pipeline, shoot, ACTION="download", ARGUMENT=name) == 0
    assert shot(pipeline, shoot, ACTION="stop") == 0
    ended_in_the_background(pipeline)
    states = counts(pipeline)
    assert (states["stored"], states["refused"], states["not_for_upload"]) == (5, 0, 5)
    photos = [one for one in pipeline("list", "--json").document if one["state"] == "stored"]
    assert {one["rule"] for one in photos} == {"the SKU SM-13 was on the table"}
    (product,) = {one["product_id"] for one in photos}
    files = dict.fromkeys(sorted(shoot.glob("*.JPG")), product)
    verdict = judge(store, pipeline.home / "ledger.sqlite3", files)
    assert verdict.good, str(verdict)
    images = sorted(store.images(product), key=lambda image: image["id"])
    assert len(images) == 5
    for number, image in enumerate(images):
        assert f"img-{number:04d}" in image["image_file"]


def test_the_table_counts_until_it_is_changed_and_after_what_the_caller_says(
    pipeline: Command, shoot: Path
) -> None:
    pipeline("table", "A-1").well()
    assert pipeline("table").well().out == "On the table: A-1\n"
    shot(pipeline, shoot, "--no-start", str(photograph(shoot / "one.jpg", 1)))
    shot(pipeline, shoot, "--no-start", str(photograph(shoot / "two.jpg", 2)), PIPELINE_SKU="B-2")
    shot(pipeline, shoot, "--no-start", "--sku=C-3", str(photograph(shoot / "three.jpg", 3)))
    pipeline("table", "--product", "77").well()
    shot(pipeline, shoot, "--no-start", str(photograph(shoot / "four.jpg", 4)))
    assert "Nothing is on the table" in pipeline("table", "--clear").well().out
    assert pipeline("hook", "--wait", photograph(shoot / "D-4" / "five.jpg", 5)).status == 0
    # It works on what it was called with; the rest is for whoever comes next.
    assert counts(pipeline)["stored"] == 1
    shot(pipeline, shoot, str(photograph(shoot / "D-4" / "six.jpg", 6)))
    ended_in_the_background(pipeline)
    rules = {Path(one["path"]).stem: one["rule"] for one in pipeline("list", "--json").document}
    assert rules == {
        "one": "the SKU A-1 was on the table",
        "two": "the SKU B-2 was given",
        "three": "the SKU C-3 was given",
        "four": "the product was on the table",
        "five": "its folder is named D-4",
        "six": "its folder is named D-4",
    }


def test_a_shot_beside_a_run_is_sent_by_that_run_at_once_and_is_not_in_its_report(
    pipeline: Command, store: StoreProcess, tmp_path: Path, shoot: Path
) -> None:
    for number in range(30):
        photograph(tmp_path / "shop" / str(100 + number) / "a.png", number, (40, 30))
    others = "*/products/1*/images"
    store.misbehave({"do": "delay", "method": "POST", "path": others, "seconds": 10})
    run = pipeline.start("run", tmp_path / "shop", "--json")
    until(lambda: any(seen["method"] == "POST" for seen in store.seen()))
    photograph(shoot / "a.jpg", 1000)
    assert shot(pipeline, shoot, "--product", "900", "a.jpg") == 0
    until(lambda: len(store.images(900)) == 1)
    run.send_signal(signal.SIGINT)
    ended = json.loads(run.communicate(timeout=60)[0])
    assert ended["interrupted"], "it was at work"
    assert ended["counts"]["found"] == 30
    assert not [one for one in ended["photographs"] if one["path"].startswith(str(shoot))]
    ended_in_the_background(pipeline)
    with closing(sqlite3.connect(pipeline.home / "ledger.sqlite3")) as ledger:
        question = (
            "SELECT t.owner = a.owner, t.owner IN (SELECT owner FROM arrivals WHERE door = 'run') "
            "FROM arrivals a JOIN attempts t ON t.photo = a.photo WHERE a.door = 'hook'"
        )
        assert ledger.execute(question).fetchall() == [(0, 1)]


def test_waiting_gives_the_result_as_exit_status(
    pipeline: Command, store: StoreProcess, shoot: Path
) -> None:
    good, bad = photograph(shoot / "158_1.jpg"), shoot / "158_2.jpg"
    bad.write_bytes(b"no photograph")
    assert pipeline("hook", "--wait", good).status == 0
    assert pipeline("hook", "--wait", good).status == 0
    assert len(store.images(158)) == 1
    broken = pipeline("hook", "--wait", bad)
    assert broken.status == 1
    assert "158_2.jpg" in broken.err
    assert pipeline("hook", "--wait", shoot / "gone.jpg").status == 1
    assert pipeline("hook").status == 2


@pytest.mark.parametrize("calls", [48, pytest.param(500, marks=pytest.mark.long)])
def test_so_many_calls_from_eight_processes_are_so_many_photographs(
    pipeline: Command, store: StoreProcess, shoot: Path, calls: int
) -> None:
    photographs = [photograph(shoot / f"158_{number}.png", number) for number in range(calls)]
    pieces = [photographs[start::8] for start in range(8)]
    caller = (
        "import subprocess, sys\n"
        "for path in sys.argv[1:]:\n"
        "    call = [sys.executable, '-m', 'pipeline', 'hook', path]\n"
        "    assert subprocess.run(call, timeout=60).returncode == 0\n"
    )

    def call(piece: list[Path]) -> int:
        command = [sys.executable, "-c", caller, *map(str, piece)]
        return subprocess.run(
            command, env=pipeline.environment, timeout=300, check=False
        ).returncode

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(call, pieces)) == [0] * 8
    until(lambda: inbox.entries(str(pipeline.home)) == [], 120)
    until(lambda: not inbox.is_locked(str(pipeline.home), BACKGROUND_LOCK), 240)
    states = counts(pipeline)
    assert (states["stored"], sum(states.values())) == (calls, calls)
    verdict = judge(store, pipeline.home / "ledger.sqlite3", dict.fromkeys(photographs, 158))
    assert verdict.good, str(verdict)
    assert verdict.stored == calls


def test_a_damaged_or_busy_ledger_stops_no_shoot_and_loses_no_shot(
    pipeline: Command, store: StoreProcess, shoot: Path
) -> None:
    pipeline("status").well()
    ledger = pipeline.home / "ledger.sqlite3"
    sound = ledger.read_bytes()
    ledger.write_bytes(b"not a ledger" * 1000)
    assert shot(pipeline, shoot, str(photograph(shoot / "158_1.jpg", 1))) == 0
    until(lambda: not inbox.is_locked(str(pipeline.home), BACKGROUND_LOCK))
    log = pipeline.home / "logs" / "background.jsonl"
    until(lambda: "are damaged: `pipeline ledger rebuild`" in log.read_text())
    assert len(inbox.entries(str(pipeline.home))) == 1
    ledger.write_bytes(sound)
    with closing(sqlite3.connect(ledger, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert shot(pipeline, shoot, str(photograph(shoot / "158_2.jpg", 2))) == 0
        assert len(inbox.entries(str(pipeline.home))) == 2
        other.execute("ROLLBACK")
    ended_in_the_background(pipeline)
    assert len(store.images(158)) == 2


def test_init_says_what_is_badly_wrong_and_nothing_else_stops_a_shoot(
    tmp_path: Path, shoot: Path
) -> None:
    wrong = Command(tmp_path / "home", store_hash="abc")
    wrong.environment["BIGCOMMERCE_STORE_HASH"] = "abc"
    wrong.environment["ACTION"] = "init"
    said = wrong("hook")
    assert said.status == 2
    assert "BIGCOMMERCE_ACCESS_TOKEN" in said.err
    assert shot(wrong, shoot, ACTION="start") == 0
    alone = Command(tmp_path / "other")
    said = alone("hook", environment={"ACTION": "init"})
    assert said.status == 0
    assert "Test shop on this machine: nothing goes to a real shop" in said.err


@pytest.mark.parametrize("program", ["gphoto2", "captureone", "darktable", "digicamcontrol"])
def test_a_script_is_printed_for_each_program(program: str, pipeline: Command) -> None:
    script = pipeline("hook", "--print", program).well().out
    assert str(Path(sys.executable).parent) in script
    assert " hook" in script


def test_a_printed_script_says_what_its_caller_does_not_know(pipeline: Command) -> None:
    for program in ("gphoto2", "captureone", "darktable", "digicamcontrol"):
        script = pipeline("hook", "--print", program, "--sku", "SM 13").well().out
        assert str(pipeline.home) in script
        assert "--sku" in script


def test_what_is_no_regular_file_does_not_hold_up_a_shoot(pipeline: Command, shoot: Path) -> None:
    posix.mkfifo(shoot / "pipe.jpg")
    assert shot(pipeline, shoot, "--no-start", "pipe.jpg") == 1
    assert inbox.entries(str(pipeline.home)) == []


def test_what_gphoto2_brings_beside_photographs_is_no_refusal(
    pipeline: Command, shoot: Path
) -> None:
    pipeline("table", "SM-13").well()
    photograph(shoot / "thumb_IMG_1.jpg", 1, (160, 120))
    photograph(shoot / "IMG_1.jpg", 2)
    (shoot / "IMG_1.wav").write_bytes(b"RIFF a note")
    for name in ("thumb_IMG_1.jpg", "IMG_1.jpg", "IMG_1.wav"):
        assert shot(pipeline, shoot, ACTION="download", ARGUMENT=name) == 0
    ended_in_the_background(pipeline)
    states = counts(pipeline)
    assert (states["stored"], states["refused"], states["not_for_upload"]) == (1, 0, 2)


@pytest.mark.skipif(shutil.which("gphoto2") is None, reason="gphoto2 is not installed")
def test_gphoto2_itself_runs_the_printed_script(
    pipeline: Command, store: StoreProcess, shoot: Path, tmp_path: Path
) -> None:
    script = tmp_path / "hook here.sh"
    script.write_text(pipeline("hook", "--print", "gphoto2").well().out)
    script.chmod(0o755)
    calls = tmp_path / "calls"
    spy = tmp_path / "spy.sh"
    spy.write_text(
        f'#!/bin/sh\necho "$# $ACTION ${{ARGUMENT-unset}} $(pwd)" >> {calls}\nexec "{script}"\n'
    )
    spy.chmod(0o755)
    pipeline("table", "--product", "158").well()

    def gphoto2(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["gphoto2", "--hook-script", str(spy), *arguments],
            cwd=shoot,
            env=pipeline.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )

    # No camera is there: it ends with an error, and has called init and stop all the same.
    assert gphoto2("--capture-tethered").returncode != 0
    said = calls.read_text().splitlines()
    assert (said[0], said[-1]) == (f"0 init unset {shoot}", f"0 stop unset {shoot}")
    assert "download" not in calls.read_text()
    calls.unlink()
    # A folder can stand in for a camera.
    card = tmp_path / "card"
    names = [photograph(card / "DCIM" / f"IMG_{number:04d}.JPG", number).name for number in (1, 2)]
    done = gphoto2("--port", f"disk:{card}", "--get-all-files")
    assert done.returncode == 0, done.stderr
    assert calls.read_text().splitlines() == [
        f"0 init unset {shoot}",
        f"0 start unset {shoot}",
        *(f"0 download {name} {shoot}" for name in names),
        f"0 stop unset {shoot}",
    ]
    ended_in_the_background(pipeline)
    assert [image["product_id"] for image in store.images(158)] == [158, 158]
