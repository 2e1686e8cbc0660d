"""Every command in README.md works: those in its blocks are run, in order, as a newcomer would.

A fresh home, the test shop, and the folders that the README speaks of. What cannot be run here is
named in `readme.NOT_RUN`, each with its reason, and is held to the options that its command takes.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.cli.description import described
from pipeline.lifecycle import UNFINISHED_STATES
from pipeline.settings import load
from tests import posix
from tests.stories.commands import ROOT, Command, photograph, until
from tests.stories.readme import (
    LANGUAGES,
    NOT_RUN,
    UNTIL_CTRL_C,
    blocks,
    spans,
    statements,
    wrong,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the README speaks to a shell")

GPHOTO2 = """#!/bin/sh
# As gphoto2 calls its hook, with one shot.
hook=$(printf '%s\\n' "$@" | sed -n 's/^--hook-script=//p')
ACTION=init "$hook" || exit 1
cp "$SHOT" 20261128-090000-0001.jpg
ACTION=download ARGUMENT=20261128-090000-0001.jpg "$hook" || exit 1
ACTION=stop "$hook"
"""


class Newcomer:
    """Somebody with a fresh home, who types what stands in the README, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pipeline = Command(folder / "home", plain_ids=False, settle_after=1)
        self.port = _free_port()
        programs = folder / "bin"
        programs.mkdir()
        _program(programs / "pipeline", f'#!/bin/sh\nexec "{sys.executable}" -m pipeline "$@"\n')
        _program(programs / "gphoto2", GPHOTO2)
        shot = photograph(folder / "camera" / "shot.jpg", 90)
        self.environment = {
            **self.pipeline.environment,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
            "SHOT": str(shot),
        }
        self.going_on: list[subprocess.Popen[bytes]] = []
        photos = folder / "photos"
        (photos / "incoming").mkdir(parents=True)
        for number, path in enumerate(
            (
                photos / "2026-11" / "SM-13" / "front.jpg",
                photos / "bottle" / "side.jpg",
                photos / "SM-13" / "back_final.jpg",
                photos / "SM-13" / "back_draft.jpg",
                folder / "mug" / "mug.jpg",
            )
        ):
            photograph(path, number)
        (folder / "sample_images").symlink_to(ROOT / "sample_images")
        (folder / "products.csv").write_text("id,sku,name,product_id\n158,SM-13,Bottle,\n")
        (folder / "shots.csv").write_text("file,sku\nnone.jpg,SM-13\n")

    def types(self, statement: str) -> None:
        """Run one command as it stands there, but for where things lie on this machine."""
        statement = re.sub(
            r"^python3 -m venv \.venv && \.venv/bin/pip install -q \S+ && \.venv/bin/",
            "",
            statement,
        )
        statement = re.sub(r"(?<![\w.])/photos\b", f"{self.folder}/photos", statement)
        statement = statement.replace("8158", str(self.port))
        if statement.startswith("pipeline store"):
            self.leave()  # of one folder there is one store
        process = subprocess.Popen(
            ["bash", "-e", "-o", "pipefail", "-c", statement],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert process.stdout is not None
        if statement.startswith(UNTIL_CTRL_C):
            self.going_on.append(process)
            # It has said its first word, so that it is there for what is typed next.
            assert process.stdout.readline(), f"{statement}: it ended at once"
            return
        said, _ = process.communicate(timeout=180)
        assert process.returncode == 0, f"{statement}\n{said.decode()}"
        assert b"Traceback" not in said, said.decode()

    def rests(self) -> bool:
        """Whether nothing is left to be done, also by the engine that a hook has started."""
        status = self.pipeline("status", "--json").well().document
        counts = status["counts"]
        return not (status["noted_down"] or any(counts[str(state)] for state in UNFINISHED_STATES))

    def leave(self) -> None:
        """Press Ctrl-C in all that goes on, once nothing is left to be done."""
        until(self.rests)
        for process in self.going_on:
            posix.killpg(process.pid, signal.SIGINT)
        for process in self.going_on:
            process.communicate(timeout=60)
        going_on, self.going_on = self.going_on, []
        assert all(process.returncode in (0, 130) for process in going_on)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _program(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(0o755)


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Newcomer]:
    somebody = Newcomer(tmp_path)
    try:
        yield somebody
    finally:
        somebody.leave()


def test_every_block_says_what_it_is() -> None:
    for block in blocks():
        assert block.language in LANGUAGES, (
            f"README.md:{block.line}: say what it is, ```sh for what is typed; "
            f"one of {', '.join(sorted(LANGUAGES))}"
        )
        if block.language == "text":
            first = [line.split()[:1] for line in block.text.splitlines()]
            assert ["pipeline"] not in first, f"README.md:{block.line}: commands belong into ```sh"


@pytest.mark.skipif(
    None in (shutil.which("bash"), shutil.which("curl"), shutil.which("find")),
    reason="needs bash, curl and find",
)
def test_every_command_of_a_block_is_run_in_order(newcomer: Newcomer) -> None:
    for block in blocks():
        if block.language == "sh":
            for statement in statements(block.text):
                if not statement.startswith(tuple(NOT_RUN)):
                    newcomer.types(statement)
    shots = [Path(one["path"]).name for one in _stored(newcomer)]
    assert "front.jpg" in shots
    until(lambda: any("20261128-090000" in one["path"] for one in _stored(newcomer)))


def _stored(newcomer: Newcomer) -> list[dict[str, str]]:
    found: list[dict[str, str]] = newcomer.pipeline("list", "--state", "stored", "--json").document
    return found


def test_every_call_of_the_command_names_what_there_is() -> None:
    calls = [span for span in spans() if span.startswith("pipeline ")]
    for block in blocks():
        if block.language == "sh":
            calls += [one for one in statements(block.text) if re.search(r"\bpipeline\b", one)]
    found = list(filter(None, map(wrong, calls)))
    assert len(calls) > 20
    assert not found, "\n".join(found)


def test_every_option_that_is_named_is_one_of_some_command() -> None:
    known = {
        name
        for one in described().values()
        for option in one["options"]
        for name in option["names"]
    }
    named = {span.split()[0].partition("=")[0] for span in spans() if re.match(r"--?[a-z]", span)}
    assert not named - known


def test_settings_that_are_shown_are_taken(tmp_path: Path) -> None:
    for block in blocks():
        if block.language == "toml":
            tomllib.loads(block.text)
            file = tmp_path / "pipeline.toml"
            file.write_text(block.text, "utf-8")
            file.chmod(0o600)
            load({"home": tmp_path}, {}, file)


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        ("pipeline ledger mend", "there is no `pipeline ledger mend`"),
        ("pipeline runs PATHS…", "there is no `pipeline runs`"),
        ("pipeline list --stat failed", "takes no --stat"),
        ("pipeline run --limit", "--limit wants a value"),
        ("pipeline status today", "takes 0 arguments"),
        ("pipeline ledger check|mend", "there is no `pipeline ledger mend`"),
    ],
)
def test_a_call_that_does_not_work_is_found(call: str, complaint: str) -> None:
    assert complaint in (wrong(call) or "")


def test_what_is_typed_is_taken_apart_as_a_shell_does() -> None:
    text = "\n```sh\na 'b\nc' # d\n# e\nf \\\n  g > h\n```\nsay `pipeline run` and `x\\|y`\n"
    (block,) = blocks(text)
    assert (block.line, block.language) == (2, "sh")
    assert list(statements(block.text)) == ["a 'b\nc'", "f \\\n  g > h"]
    assert spans(text) == ["pipeline run", "x|y"]
