"""`pipeline service`: installed, told of and removed; what it says, and its exit status."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli.main import commands
from pipeline.cli.service import HOW_TO_START
from pipeline.service.heartbeat import Heartbeat, one_watcher
from pipeline.service.units import command_of
from pipeline.setting_kinds import Secret
from pipeline.settings import load
from tests.json_documents import check_document
from tests.stories.commands import Command, Ended

UNIT = Path("systemd") / "user" / "photo-pipeline.service"


def test_installing_can_be_looked_at_first_and_holds_no_secret(tmp_path: Path) -> None:
    pipeline = Command(tmp_path / "home", plain_ids=False, store_url="https://shop.example/v3")
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
def test_a_shop_that_only_this_shell_knows_is_written_down_or_no_service_installed(
    tmp_path: Path,
) -> None:
    pipeline = Command(tmp_path / "home", plain_ids=False, store_url="https://shop.example/v3")
    token = 'very-"secret"-token'
    pipeline.environment["BIGCOMMERCE_ACCESS_TOKEN"] = token
    pipeline.environment["XDG_CONFIG_HOME"] = str(tmp_path / "config")
    pipeline.environment["PATH"] = f"{fake_systemctl(tmp_path)}:{os.environ['PATH']}"
    settings = tmp_path / "home" / "pipeline.toml"
    refused = pipeline("service", "install", tmp_path / "in")
    assert refused.status == 2
    assert "BIGCOMMERCE_ACCESS_TOKEN, PIPELINE_STORE_URL are set in this shell alone" in refused.err
    assert "--write-settings" in refused.err
    assert not (tmp_path / "config").exists()
    assert not settings.exists()

    done = pipeline("service", "install", "--write-settings", tmp_path / "in").well()
    assert settings.stat().st_mode & 0o777 == 0o600
    assert "BIGCOMMERCE_ACCESS_TOKEN, PIPELINE_STORE_URL" in done.out
    assert (tmp_path / "config" / UNIT).exists()
    assert token not in refused.err + done.out + done.err
    force = load({"home": tmp_path / "home"}, {})
    assert force.settings.store_url == "https://shop.example/v3"
    assert force.settings.access_token == Secret(token)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="systemd's part")
def test_a_service_is_installed_told_of_and_removed(tmp_path: Path) -> None:
    pipeline = Command(tmp_path / "home", plain_ids=False, uploads=2)
    pipeline.environment["XDG_CONFIG_HOME"] = str(tmp_path / "config")
    pipeline.environment["PATH"] = f"{fake_systemctl(tmp_path)}:{os.environ['PATH']}"
    unit = tmp_path / "config" / UNIT
    assert pipeline("service", "status").status == 1
    refused = pipeline("service", "install", tmp_path / "in")
    assert refused.status == 2
    assert "the service would find no shop" in refused.err
    assert "`pipeline login`" in refused.err
    assert not unit.exists()
    done = pipeline("service", "install", "--test-shop", tmp_path / "in").well()
    assert "does not see PIPELINE_UPLOADS of this shell" in done.err
    assert '"--test-shop"' in unit.read_text()
    assert f'"{tmp_path / "in"}"\n' in unit.read_text()
    assert "--user enable --now photo-pipeline.service" in (tmp_path / "calls").read_text()
    told = pipeline("service", "status")
    assert told.status == 1
    assert told.out == f"the service is installed\nno watcher runs\n{HOW_TO_START}\n"
    asked = pipeline("service", "remove")
    assert asked.status == 2
    assert f"remove the service that watches {tmp_path / 'in'}?" in " ".join(asked.err.split())
    assert "give --yes" in asked.err
    assert unit.exists()
    pipeline("service", "remove", "--yes").well()
    assert not unit.exists()
    assert pipeline("service", "remove").status == 1


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="systemd's part")
def test_a_second_service_says_what_the_present_one_watches_and_asks(tmp_path: Path) -> None:
    pipeline = Command(tmp_path / "home", plain_ids=False)
    pipeline.environment["XDG_CONFIG_HOME"] = str(tmp_path / "config")
    pipeline.environment["PATH"] = f"{fake_systemctl(tmp_path)}:{os.environ['PATH']}"
    unit = tmp_path / "config" / UNIT
    first, second, third = tmp_path / "in 1", tmp_path / "in 2", tmp_path / "in 3"

    def installs(*words: object) -> Ended:
        return pipeline("service", "install", "--test-shop", *words)

    def watched() -> list[str]:
        return (command_of(unit.read_text()) or []).copy()[-2:]

    installs(first).well()
    installs(first).well()
    refused = installs(second)
    assert refused.status == 2
    assert f"A service is installed that watches {first}" in refused.err
    assert f"replaced by one that watches {second}" in refused.err
    assert "give --yes" in refused.err
    assert watched() == ["--", str(first)]
    done = installs("--yes", second).well()
    assert f"Replaced: the service that watched {first}" in done.out
    assert watched() == ["--", str(second)]
    installs("--add", first, second).well()
    assert watched() == [str(second), str(first)]
    shown = installs("--add", "--print", third).well()
    assert all(f'"{folder}"' in shown.out for folder in (first, second, third))
    other = installs("--add", "--polling", third)
    assert other.status == 2
    assert "the present service is called otherwise" in other.err
    assert watched() == [str(second), str(first)]
    unit.write_text("[Unit]\n")
    assert "that this program has not written" in installs(first).err
    assert unit.read_text() == "[Unit]\n"
    installs("--yes", first).well()
    assert watched() == ["--", str(first)]


def test_the_log_is_printed_for_people_or_as_it_is(tmp_path: Path) -> None:
    pipeline = Command(tmp_path / "home", plain_ids=False)
    assert pipeline("service", "logs").status == 1
    log = tmp_path / "home" / "logs" / "watch.jsonl"
    log.parent.mkdir(parents=True)
    lines = [
        f'{{"at": "2026-11-25T20:10:5{second}.000+00:00", "level": "info", "message": "n{second}"}}'
        for second in range(3)
    ]
    log.write_text("\n".join(lines) + "\n")
    assert (
        pipeline("service", "logs", "-n", "1").well().out == "2026-11-25 20:10:52  watch       n2\n"
    )
    # Lines of an earlier version of the program have neither version nor command in them.
    assert [
        json.loads(line) for line in pipeline("service", "logs", "--json").well().out.splitlines()
    ] == [{"version": 1, "command": "watch", **json.loads(line)} for line in lines]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home whose service is installed and whose watcher lives."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    unit = tmp_path / "config" / UNIT
    unit.parent.mkdir(parents=True)
    unit.touch()
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    with one_watcher(home):
        yield home


@pytest.mark.skipif(sys.platform != "linux", reason="systemd's part")
@pytest.mark.parametrize(
    ("silent", "status"),
    [(timedelta(seconds=1), 0), (timedelta(minutes=10), 1), (None, 1)],
    ids=["at work", "stuck", "starting"],
)
def test_the_exit_status_says_whether_photographs_are_being_taken_in(
    home: Path, silent: timedelta | None, status: int
) -> None:
    if silent is not None:
        at = datetime.now(UTC) - silent
        Heartbeat(
            pid=os.getpid(),
            started_at=at,
            beat_at=at,
            folders=("/in",),
            gone=(),
            settling=2,
            error_at=None,
            error=None,
        ).write(home)
    told = CliRunner().invoke(
        commands, ["service", "status", "--home", str(home)], standalone_mode=False
    )
    assert told.return_value == status
    assert told.output.startswith("the service is installed\n")
    for_programs = CliRunner().invoke(
        commands, ["service", "status", "--json", "--home", str(home)], standalone_mode=False
    )
    assert for_programs.return_value == status
    check_document(["service", "status", "--json"], for_programs.stdout)
    document = json.loads(for_programs.stdout)
    assert (document["installed"], document["at_work"]) == (True, status == 0)
