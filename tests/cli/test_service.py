"""What the platforms' service managers are given: read by parsers other than the one that wrote."""

from __future__ import annotations

import os
import plistlib
import shlex
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.service.units import launch_agent, scheduled_task, systemd_unit
from tests.stories.commands import Command

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


def test_installing_can_be_looked_at_first_and_holds_no_secret(tmp_path: Path) -> None:
    pipeline = Command(tmp_path / "home", store_url="https://shop.example/v3")
    pipeline.environment["BIGCOMMERCE_ACCESS_TOKEN"] = "very-secret-token"
    shown = pipeline("service", "install", "--print", tmp_path / "in", "--polling").well()
    assert "very-secret-token" not in shown.out + shown.err
    for word in (tmp_path / "home", tmp_path / "in", "--polling"):
        assert f'"{word}"' in shown.out
    assert not (tmp_path / ".config").exists()


def fake_systemctl(folder: Path) -> Path:
    """Stand in for systemctl where no user manager runs; it notes how it was called."""
    program = folder / "bin" / "systemctl"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {folder}/calls\n')
    program.chmod(0o755)
    return program.parent


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="systemd's part")
def test_a_service_is_installed_told_of_and_removed(tmp_path: Path) -> None:
    pipeline = Command(tmp_path / "home", uploads=2)
    pipeline.environment["XDG_CONFIG_HOME"] = str(tmp_path / "config")
    pipeline.environment["PATH"] = f"{fake_systemctl(tmp_path)}:{os.environ['PATH']}"
    unit = tmp_path / "config" / "systemd" / "user" / "photo-pipeline.service"
    assert pipeline("service", "status").status == 1
    done = pipeline("service", "install", tmp_path / "in").well()
    assert "does not see PIPELINE_UPLOADS of this shell" in done.err
    assert started_by(unit.read_text())[-1] == str(tmp_path / "in")
    assert "--user enable --now photo-pipeline.service" in (tmp_path / "calls").read_text()
    told = pipeline("service", "status")
    assert told.status == 1
    assert told.out == "the service is installed\nno watcher runs\n"
    pipeline("service", "remove").well()
    assert not unit.exists()
    assert pipeline("service", "remove").status == 1


def test_the_log_is_printed_for_people_or_as_it_is(tmp_path: Path) -> None:
    pipeline = Command(tmp_path / "home")
    assert pipeline("service", "logs").status == 1
    log = tmp_path / "home" / "logs" / "watch.jsonl"
    log.parent.mkdir(parents=True)
    lines = [
        f'{{"at": "2026-11-25T20:10:5{second}.000+00:00", "level": "info", "message": "n{second}"}}'
        for second in range(3)
    ]
    log.write_text("\n".join(lines) + "\n")
    assert pipeline("service", "logs", "-n", "1").well().out == "2026-11-25 20:10:52  n2\n"
    assert pipeline("service", "logs", "--json").well().out.splitlines() == lines
