"""The store as a program of its own: its options, and what it prints."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from pipeline.localstore.quirks import Quirks
from tests.forkserver import ROOT
from tests.localstore.process import refused_start


def test_it_prints_one_line_and_only_that(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "pipeline.localstore", "--data", str(tmp_path / "data")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        assert said["pid"] == process.pid
        process.terminate()
        out, errors = process.communicate(timeout=10)
    assert (out, errors, process.returncode) == ("", "", 0)


def test_the_help_names_every_switch() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "pipeline.localstore", "--help"],
        capture_output=True,
        text=True,
        timeout=20,
        cwd=ROOT,
        check=True,
    )
    for quirk in fields(Quirks):
        assert f"  {quirk.name}={quirk.default}|" in run.stdout


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--quirk", "stem"), "NAME=VALUE"),
        (("--quirk", "stem=upper"), "quirk stem"),
        (("--catalogue", "nothing.csv"), "nothing.csv"),
        (("--host", "300.0.0.1"), "300.0.0.1"),
    ],
)
def test_what_is_wrong_with_its_options_is_said(
    tmp_path: Path, options: tuple[str, ...], word: str
) -> None:
    assert word in refused_start("--data", str(tmp_path / "data"), *options)


def test_a_token_that_no_header_can_carry_is_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCALSTORE_TOKEN", "sec ret")
    said = refused_start("--data", str(tmp_path / "data"))
    assert "token" in said
    assert "sec ret" not in said
