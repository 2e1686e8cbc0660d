"""`pipeline manual`: the manual page, by `man` where a person looks, else as plain text."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import click

from pipeline.cli.main import EXIT_OK
from pipeline.cli.terminal import say_text

__all__ = ["PAGE", "manual"]

PAGE: Final = Path(__file__).resolve().parents[1] / "manual" / "pipeline.1"


@click.command()
@click.option("--roff", is_flag=True, help="Print the page as `man` reads it.")
def manual(roff: bool) -> int:
    """Show the manual: every command with all its options.

    On a terminal `man` shows it, where there is one; else it is printed.
    """
    if roff:
        say_text(PAGE.read_text("ascii"))
        return EXIT_OK
    program = shutil.which("man")
    if program is not None and sys.stdin.isatty() and sys.stdout.isatty():
        shown = subprocess.run([program, str(PAGE)], check=False)  # noqa: S603 - our own page
        if shown.returncode == 0:
            return EXIT_OK
    from pipeline.cli.pages import manual_text

    say_text(manual_text())
    return EXIT_OK
