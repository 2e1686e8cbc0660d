"""What a command loads: time and memory that every call costs, told by `-X importtime`.

Pillow and NumPy take a third of a second and thirty megabytes: only worker processes load them.
The hook, which a camera waits for, loads nothing but the standard library.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stories.commands import ROOT, Command, photograph

PICTURES = {"PIL", "numpy"}

WATCHING = {"watchdog"}

SERVER = {"starlette", "uvicorn", "jinja2"}

LOADED = re.compile(r"^import time: +\d+ \| +\d+ \| +(\S+)$", re.MULTILINE)


def loaded(pipeline: Command, *words: object) -> set[str]:
    """Return the names of all packages that the process of a command has loaded."""
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
    names = LOADED.findall(run.stderr)
    assert "pipeline" in names
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize(
    "words",
    [
        "status",
        "list",
        "history none.jpg",
        "config show",
        "ledger check",
        "table",
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


@pytest.mark.parametrize("words", ["--help", "--version", "run --help", "watch --help"])
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
