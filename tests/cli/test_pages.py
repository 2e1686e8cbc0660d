"""The manual page, made from the help of all commands: in the language of `man`, and plainly."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli.description import all_commands
from pipeline.cli.manual import PAGE
from pipeline.cli.pages import escaped, manual_page, manual_text
from pipeline.settings import ENVIRONMENT

GROFF, MANDOC = shutil.which("groff"), shutil.which("mandoc")


def test_every_command_option_and_variable_is_in_it() -> None:
    page = manual_page()
    for words, command in all_commands():
        if words and not hasattr(command, "commands"):
            assert escaped(f"pipeline {' '.join(words)}") in page
        for parameter in command.params:
            if not getattr(parameter, "hidden", False):
                assert all(escaped(name) in page for name in parameter.opts if name[0] == "-")
    assert all(escaped(name) in page for name in ENVIRONMENT.values())


def test_the_plain_text_is_the_help_of_all_commands_in_80_columns() -> None:
    text = manual_text()
    for words, _ in all_commands():
        assert f"\n{' '.join(('pipeline', *words))}\n" in f"\n{text}"
    # What may be given for an option stands in one piece.
    assert all(len(line) <= 80 or "|" in line for line in text.splitlines())


@pytest.mark.skipif(GROFF is None, reason="there is no groff here")
def test_groff_has_nothing_to_complain_of() -> None:
    assert GROFF is not None
    ended = subprocess.run(
        [GROFF, "-man", "-Tutf8", "-ww", "-rHY=0", str(PAGE)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert ended.stderr == ""
    shown = re.sub(r"\x1b\[[0-9;]*m|.\x08", "", ended.stdout)
    assert "pipeline run [OPTIONS] [PATHS]..." in shown
    assert "--dry-run" in shown


@pytest.mark.skipif(MANDOC is None, reason="there is no mandoc here")
def test_mandoc_has_nothing_to_complain_of() -> None:
    assert MANDOC is not None
    ended = subprocess.run(
        [MANDOC, "-T", "lint", "-W", "warning", str(PAGE)],
        capture_output=True,
        text=True,
        check=False,
    )
    left = [line for line in ended.stdout.splitlines() if "missing date" not in line]
    assert left == []


@pytest.mark.skipif(GROFF is None, reason="there is no groff here")
@given(text=st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1))
def test_whatever_a_help_says_means_itself(text: str) -> None:
    assert GROFF is not None
    line = escaped(text.replace("`", ""))
    assert line.isascii()
    assert not line.startswith((".", "'"))
    # Every backslash begins one of the language's names for a sign.
    assert re.fullmatch(r"([^\\]|\\-|\\&|\\:|\\\((rs|aq|ga|ha|ti|dq)|\\\[u[0-9A-F]{4,6}\])*", line)
