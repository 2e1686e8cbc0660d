"""What the platforms' service managers are given: read by parsers other than the one that wrote."""

from __future__ import annotations

import os
import plistlib
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.service.units import command_of, launch_agent, scheduled_task, systemd_unit

WORDS = ["/opt/my tools/pipeline", "watch", "--home", "/home/ann/h $HOME 100%", "--", 'a "b" \\c']
TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1)


def started_by(unit: str) -> list[str]:
    (line,) = [line for line in unit.splitlines() if line.startswith("ExecStart=")]
    words = shlex.split(line.removeprefix("ExecStart="))
    return [word.replace("%%", "%").replace("$$", "$") for word in words]


def test_the_unit_starts_the_very_words_and_again_after_a_failure() -> None:
    unit = systemd_unit(WORDS)
    assert started_by(unit) == WORDS
    assert "Restart=on-failure" in unit


@given(st.lists(TEXT, min_size=1, max_size=5))
def test_whatever_a_folder_is_called_it_reaches_the_watcher(words: list[str]) -> None:
    assert started_by(systemd_unit(words)) == words
    assert plistlib.loads(launch_agent(words, Path("/logs")))["ProgramArguments"] == words


@given(
    st.lists(TEXT | st.sampled_from(["a\\", "\\\\", "%%", "$$", "a\nb"]), min_size=1, max_size=5)
)
def test_what_was_written_is_read_again_as_it_was(words: list[str]) -> None:
    assert command_of(systemd_unit(words)) == words
    assert command_of(launch_agent(words, Path("/logs")).decode()) == words


# No file has a quotation mark in its name there, and none a backslash at its end but a disk.
@given(st.lists(TEXT.map(lambda word: re.sub(r'["\\]', "", word) or "x"), min_size=1, max_size=5))
def test_what_a_task_was_given_is_read_again_as_it_was(words: list[str]) -> None:
    words = [*words, "C:\\", "D:\\shots"]
    assert command_of(scheduled_task(words, "ann")) == [words[0], *words[1:]]


@given(st.text(max_size=40) | st.text('<plist>Task/ExecStart=\n" ', max_size=60))
def test_what_somebody_else_wrote_is_read_or_not_and_nothing_breaks(text: str) -> None:
    command_of(text)
    command_of(f"<plist{text}")
    command_of(f"<Task{text}")
    command_of(f"ExecStart={text}")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_itself_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    program = tmp_path / "my tools" / "pipeline"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / "photo-pipeline.service"
    unit.write_text(systemd_unit([str(program), *WORDS[1:]]))
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    verdict = subprocess.run(
        ["systemd-analyze", "--user", "verify", str(unit)],
        capture_output=True,
        text=True,
        env={**os.environ, "XDG_RUNTIME_DIR": str(runtime)},
        timeout=60,
        check=False,
    )
    assert (verdict.returncode, verdict.stdout, verdict.stderr) == (0, "", "")


def test_the_agent_is_a_property_list_that_keeps_it_alive() -> None:
    agent = plistlib.loads(launch_agent(WORDS, Path("/home/ann/logs")))
    assert agent["ProgramArguments"] == WORDS
    assert agent["RunAtLoad"] is True
    assert agent["KeepAlive"] == {"SuccessfulExit": False}


def test_the_task_is_started_at_log_on_without_a_limit_and_again_after_a_failure() -> None:
    text = scheduled_task([*WORDS[:5], "C:\\"], "STUDIO\\ann & co")
    task = ElementTree.fromstring(text.partition("\n")[2])
    assert task.findtext(f"{TASK}Triggers/{TASK}LogonTrigger/{TASK}UserId") == "STUDIO\\ann & co"
    assert task.findtext(f"{TASK}Settings/{TASK}ExecutionTimeLimit") == "PT0S"
    assert task.findtext(f"{TASK}Settings/{TASK}RestartOnFailure/{TASK}Interval") == "PT1M"
    execute = task.find(f"{TASK}Actions/{TASK}Exec")
    assert execute is not None
    assert execute.findtext(f"{TASK}Command") == WORDS[0]
    assert execute.findtext(f"{TASK}Arguments") == (
        '"watch" "--home" "/home/ann/h $HOME 100%" "--" "C:\\\\"'
    )
