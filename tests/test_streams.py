"""The three standard streams are there, and what cannot be written goes nowhere, and is known."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="numbers of files are POSIX's")


def ran(program: str, closed: tuple[int, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run a program of ours without some of its standard streams."""
    return subprocess.run(
        [sys.executable, "-c", f"from pipeline.streams import *\nimport os, sys\n{program}"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: [os.close(number) for number in closed],  # type: ignore[func-returns-value]
    )


@pytest.mark.parametrize("closed", [(), (0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)])
def test_what_is_opened_next_never_gets_the_number_of_a_standard_stream(
    closed: tuple[int, ...],
) -> None:
    program = (
        "fill_gaps()\n"
        "number = os.open(os.devnull, os.O_RDONLY)\n"
        "print('out'); print('err', file=sys.stderr); sys.stdin.read()\n"
        "sys.exit(0 if number > 2 and os.get_inheritable(0) else 9)\n"
    )
    run = ran(program, closed)
    assert run.returncode == 0, run.stderr
    assert (run.stdout == "out\n") is (1 not in closed)
    assert (run.stderr == "err\n") is (2 not in closed)


def test_an_output_that_cannot_be_written_goes_nowhere_and_says_why() -> None:
    program = (
        "assert lost() is None\n"
        "go_nowhere(err=False, why=OSError(28, 'the disk is full'))\n"
        "print('nobody gets this', flush=True)\n"
        "os.write(1, b'nor this')\n"
        "assert str(lost()).endswith('the disk is full')\n"
        "assert not sys.stdout.isatty()\n"
    )
    run = ran(program)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_an_output_that_nobody_reads_any_more_is_not_lost() -> None:
    run = ran("go_nowhere(err=False)\nprint('x', flush=True)\nassert lost() is None\n")
    assert (run.returncode, run.stdout) == (0, "")
