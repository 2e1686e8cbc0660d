"""`pipeline logs`: what everything at work in this home has written down, in the order of time."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Studio
from tests.json_documents import check_document
from tests.stories.commands import Command, photograph


def test_every_run_leaves_a_log_with_a_line_a_photograph(studio: Studio) -> None:
    said = studio.pipeline("logs").well().out.splitlines()
    assert all("  run  " in line for line in said)
    begun, *lines, counts, ended = [line.split("  run         ")[1] for line in said]
    assert begun.startswith("begun: version ")
    assert ended == "ended"
    assert counts == "3 found, 1 stored, 1 waiting, 1 refused"
    assert len([line for line in lines if "front.jpg" in line]) == 1
    assert studio.pipeline("logs", "-n", "1").well().out.splitlines() == said[-1:]
    assert studio.pipeline("logs", "--since", "1h").well().out.splitlines() == said
    assert studio.pipeline("logs", "--of", "watch").status == 1
    (stored,) = [
        line
        for line in studio.pipeline("logs", "--json").well().out.splitlines()
        if json.loads(line).get("state") == "stored"
    ]
    assert json.loads(stored)["path"] == str(studio.stored)
    for file in (studio.pipeline.home / "logs").iterdir():
        assert studio.store.token not in file.read_text("utf-8")


def test_a_rehearsal_leaves_none(studio: Studio, tmp_path: Path) -> None:
    pipeline = Command(tmp_path / "home", studio.store)
    pipeline("run", "--dry-run", studio.stored).well()
    assert pipeline("logs").status == 1
    assert pipeline("logs").err.startswith("pipeline: there is no log yet")


def test_what_a_wrong_call_is_told(studio: Studio) -> None:
    assert "is no moment" in studio.pipeline("logs", "--since", "soon").err
    assert "not both" in studio.pipeline("logs", "--since", "2h", "-n", "3").err


def test_a_run_shows_its_log_where_it_is_asked_for(studio: Studio, tmp_path: Path) -> None:
    file = photograph(tmp_path / "158" / "shown.jpg", 11)
    plain = studio.pipeline("run", "-v", file).well()
    assert f"stored   {file}" in plain.err
    assert "begun: version" in plain.err
    assert "checking" not in plain.err
    again = photograph(tmp_path / "158" / "steps.jpg", 12)
    steps = studio.pipeline("run", "-vv", "--log-json", "--json", again).well()
    assert steps.document["counts"]["stored"] == 1
    lines = [json.loads(line) for line in steps.err.splitlines()]
    assert [line["message"] for line in lines if line["level"] == "debug"]
    check_document(["logs", "--json"], steps.err)


@pytest.mark.skipif(sys.platform == "win32", reason="a Ctrl-C is sent otherwise there")
def test_it_goes_on_with_what_is_added_until_ctrl_c(tmp_path: Path, studio: Studio) -> None:
    pipeline = Command(tmp_path / "home", studio.store)
    following = pipeline.start("logs", "--follow")
    assert following.stdout is not None
    read: list[str] = []
    try:
        file = photograph(tmp_path / "158" / "followed.jpg", 21)
        pipeline("run", "--quiet", file).well()
        while "ended" not in (line := following.stdout.readline()):
            assert line, "it has ended"
            read.append(line)
    finally:
        os.kill(following.pid, signal.SIGINT)
        following.communicate(timeout=60)
    assert following.returncode == 0
    assert [line for line in read if f"stored   {file}" in line]
