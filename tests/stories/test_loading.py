"""What a command loads: time and memory that every call costs, told by `-X importtime`.

Pillow and NumPy take a third of a second and thirty megabytes: only worker processes load them.
The hook, which a camera waits for, loads nothing but the standard library. Who only asks, and that
again and again, waits for nothing that serves those who work.
"""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.cli.main import COMMANDS
from pipeline.home import LEDGER_FILE
from pipeline.ledger.sqlite import open_ledger
from tests.makers import START, arrival, original
from tests.stories.commands import ROOT, Command, photograph

PICTURES = {"PIL", "numpy"}

WATCHING = {"watchdog"}

SERVER = {"starlette", "uvicorn", "jinja2"}

WORKING = {
    *("requests", "requests_toolbelt", "urllib3", "ssl", "http", "email", "filelock", "rich"),
    *("logging", "psutil", "asyncio", "concurrent", "multiprocessing", "subprocess", "tempfile"),
    *("pipeline.assembly", "pipeline.engine", "pipeline.intake", "pipeline.upload"),
    *("pipeline.workers", "pipeline.localstore", "pipeline.spool", "pipeline.ledger.ledger"),
}
"""What who works needs, and who only asks does not."""

LOADED = re.compile(r"^import time: +\d+ \| +\d+ \| +(\S+)$", re.MULTILINE)


def loaded(pipeline: Command, *words: object) -> set[str]:
    """Return the names of all packages that the process of a command has loaded."""
    return {name.partition(".")[0] for name in modules(pipeline, *words)}


def modules(pipeline: Command, *words: object) -> set[str]:
    """Return the names of all modules that the process of a command has loaded."""
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "pipeline", *map(str, words)],
        cwd=ROOT,
        env=pipeline.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in run.stderr, run.stderr[-2000:]
    names = set(LOADED.findall(run.stderr))
    assert "pipeline" in names
    return names


@pytest.mark.parametrize(
    "words",
    [
        "ledger check",
        "service logs",
        "doctor",
        "verify",
        "images list 158",
        "retry --failed",
    ],
)
def test_a_command_loads_no_pictures_no_watcher_and_no_server(
    pipeline: Command, words: str
) -> None:
    assert loaded(pipeline, *words.split()) & (PICTURES | WATCHING | SERVER) == set()


@pytest.mark.parametrize(
    "words",
    [
        "status",
        "list --json",
        "list --sku SM-13 --since today --sort date",
        "history /158/a.jpg",
        "history a.jp",
        "config show",
        "table",
        "schema run",
        "completion bash",
        "logs --since 2h",
    ],
)
def test_who_only_asks_loads_nothing_that_serves_those_who_work(
    pipeline: Command, words: str
) -> None:
    pipeline.home.mkdir(parents=True)
    with closing(open_ledger(pipeline.home / LEDGER_FILE, "a shop", "run", lambda: START)) as one:
        one.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    names = modules(pipeline, *words.split())
    assert names & (WORKING | PICTURES | WATCHING | SERVER) == set()


def test_the_list_of_commands_loads_none_of_them(pipeline: Command) -> None:
    names = modules(pipeline, "--help")
    commands = {place.partition(":")[0] for place, _ in COMMANDS.values()}
    settings = {"pipeline.settings", "pipeline.values", "pipeline.ledger", "sqlite3", "json"}
    assert names & (commands | settings | WORKING | PICTURES | WATCHING | SERVER) == set()


@pytest.mark.parametrize("words", ["run --help", "watch --help"])
def test_no_help_loads_pictures_or_a_server(pipeline: Command, words: str) -> None:
    assert loaded(pipeline, *words.split()) & (PICTURES | SERVER) == set()


def test_the_process_of_a_run_loads_no_pictures_no_watcher_and_no_server(
    pipeline: Command, tmp_path: Path
) -> None:
    path = photograph(tmp_path / "158" / "a.jpg")
    assert loaded(pipeline, "run", "--quiet", path) & (PICTURES | WATCHING | SERVER) == set()


def test_the_hook_loads_nothing_but_the_standard_library(pipeline: Command, tmp_path: Path) -> None:
    path = photograph(tmp_path / "158" / "a.jpg")
    names = loaded(pipeline, "hook", "--no-start", path)
    strangers = names - sys.stdlib_module_names - {"pipeline", "sitecustomize", "usercustomize"}
    assert {name for name in strangers if not name.startswith("_")} == set()


def test_a_hooks_engine_loads_nothing_that_sends_while_another_process_is_at_work(
    pipeline: Command,
) -> None:
    identity = pipeline.environment["PIPELINE_STORE_URL"].partition("://")[2]
    pipeline.home.mkdir()
    # It lives: shots are left to it for as long as it has them in hand.
    with closing(open_ledger(pipeline.home / LEDGER_FILE, identity, "run", lambda: START)):
        names = modules(pipeline, "hook", "--background")
    sending = {"requests", "requests_toolbelt", "urllib3", "ssl", "http", "email", *PICTURES}
    assert (
        names & (sending | {"pipeline.upload", "pipeline.workers", "pipeline.localstore"}) == set()
    )
