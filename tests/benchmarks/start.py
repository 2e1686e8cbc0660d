"""What a command costs before it does anything: processor time of a call, its children's included.

    python -m tests.benchmarks.start [--rounds 15] [--rows 10 1000 10000]

The calls take turns with a bare `python -c pass` and with the first version of the program, so that
whatever else the machine does falls on all of them. Python's compiled files are kept, as they are
where the program is installed. The ledger has as many rows as is said. Medians, in milliseconds.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

from pipeline.home import LEDGER_FILE
from pipeline.ledger.sqlite import open_ledger
from tests import posix
from tests.benchmarks.first_version import FIRST, ROOT, first_version
from tests.makers import START, arrival, original

CALLS: Final = {
    "--help": ["--help"],
    "status": ["status"],
    "list": ["list"],
    "history": ["history", "/158/a0.jpg"],
    "config show": ["config", "show"],
    "table": ["table"],
    "hook": ["hook", "--no-start", "shot.jpg"],
    "run --help": ["run", "--help"],
}

GOALS: Final = {"--help": 80, "status": 100}


def main() -> None:
    """Measure and print a table for each size."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--rows", type=int, nargs="+", default=[10, 100, 1000])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="start-") as folder, first_version() as first:
        places = {"now": ROOT} if first is None else {FIRST: first, "now": ROOT}
        for rows in asked.rows:
            _print(rows, measured(Path(folder) / str(rows), places, rows, asked.rounds))


def measured(
    folder: Path, places: Mapping[str, Path], rows: int, rounds: int
) -> dict[tuple[str, str], float]:
    """Return the median of each call in each version, and of the bare interpreter."""
    folder.mkdir()
    (folder / "shot.jpg").write_bytes(os.urandom(100_000))
    for place in places:
        _fill(folder / place, rows)
    times: dict[tuple[str, str], list[float]] = {}
    for number in range(rounds + 1):
        taken = {("", "bare interpreter"): _call(["-c", "pass"], folder, ROOT, folder)}
        for name, words in CALLS.items():
            for place, root in places.items():
                command = ["-m", "pipeline", *words]
                taken[place, name] = _call(command, folder, root, folder / place)
        # In the first round Python compiles what it loads, and the first version its ledger.
        if number:
            for call, time in taken.items():
                times.setdefault(call, []).append(time)
    return {call: statistics.median(taken) for call, taken in times.items()}


def _fill(home: Path, rows: int) -> None:
    """Make a ledger with so many photographs; the version that opens it first migrates its own."""
    home.mkdir()
    if home.name == FIRST:
        return  # it is empty there: a ledger of today is none for it
    with closing(open_ledger(home / LEDGER_FILE, "a store", "run", lambda: START)) as ledger:
        for number in range(rows):
            path = f"/158/a{number}.jpg"
            ledger.receive(arrival(path), original(path, str(number).encode()))


def _call(words: list[str], folder: Path, root: Path, home: Path) -> float:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        "PYTHONPATH": str(root),
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
        "PIPELINE_HOME": str(home),
    }
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    with process.stderr:
        said = process.stderr.read()
    _, status, usage = posix.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert b"Traceback" not in said, said
    seconds: float = usage.ru_utime + usage.ru_stime
    return seconds * 1000


def _print(rows: int, medians: Mapping[tuple[str, str], float]) -> None:
    bare = medians["", "bare interpreter"]
    print(f"\n{rows} photographs; CPU ms, median; the bare interpreter takes {bare:.0f}")
    print(f"{'':<24} {FIRST:>8} {'now':>8} {'goal':>8}")
    for name in CALLS:
        first, now = (medians.get((place, name)) for place in (FIRST, "now"))
        goal = GOALS.get(name)
        shown = ["" if one is None else f"{one:.0f}" for one in (first, now, goal)]
        print(f"{name:<24} {shown[0]:>8} {shown[1]:>8} {shown[2]:>8}")


if __name__ == "__main__":
    main()
