"""`pipeline manual`: the manual page, by `man` where a person looks, else as plain text."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cli.manual import PAGE
from tests.stories.commands import ROOT, Command


@pytest.fixture
def pipeline(tmp_path: Path) -> Command:
    return Command(tmp_path / "home")


def test_it_is_printed_where_nobody_turns_pages(pipeline: Command) -> None:
    shown = pipeline("manual").well().out
    assert shown.startswith("pipeline\n\nUsage: pipeline [OPTIONS] COMMAND")
    assert "\npipeline ledger check\n" in shown
    assert not pipeline.home.exists()


def test_the_page_itself_is_printed_for_who_wants_to_install_it(pipeline: Command) -> None:
    assert pipeline("manual", "--roff").well().out == PAGE.read_text("ascii")


@pytest.mark.skipif(shutil.which("script") is None, reason="needs a terminal")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="script takes other words there")
def test_a_person_at_a_terminal_gets_it_by_man(pipeline: Command, tmp_path: Path) -> None:
    man = tmp_path / "bin" / "man"
    man.parent.mkdir()
    man.write_text('#!/bin/sh\necho "shown by man: $1"\n')
    man.chmod(0o755)
    ended = subprocess.run(
        ["script", "-qec", f"{sys.executable} -m pipeline manual", "/dev/null"],
        cwd=ROOT,
        env={**pipeline.environment, "PATH": f"{man.parent}:{pipeline.environment['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert f"shown by man: {PAGE}" in ended.stdout
