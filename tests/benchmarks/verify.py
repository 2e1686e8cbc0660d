"""What comparing the records with the shop takes of memory and time, as the photographs grow.

Run it with `python -m tests.benchmarks.verify [SIZE …]`. It fills a ledger in each of three sizes
with photographs of a shop whose products are gone, so that each of them is a difference, and has
`pipeline verify --json` tell them all. The memory must not grow with the photographs.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

from pipeline.home import LEDGER_FILE
from pipeline.store_address import identity_of
from tests import posix
from tests.ledger.synthetic import make
from tests.servers import local_store
from tests.stories.commands import Command


def main() -> None:
    """Print a table of three sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 40_000, 160_000])
    print("photographs   differences told   peak MB   CPU s   CPU µs a photograph")
    for size in parser.parse_args().sizes:
        with tempfile.TemporaryDirectory(prefix="verify-") as name:
            told, peak, took = measured(Path(name), size)
        print(f"{size:11,} {told:18,} {peak:9.1f} {took:7.2f} {1_000_000 * took / size:21.0f}")


def measured(folder: Path, size: int) -> tuple[int, float, float]:
    """Return how many differences were told, the peak of memory in MB, and CPU seconds."""
    home = folder / "home"
    home.mkdir(mode=0o700)
    with local_store(
        folder / "store", "--plan", "unlimited", catalogue="1,OTHER,Other,\n"
    ) as store:
        # In a process of its own: a child is said to have had the memory that its parent had.
        given = (home / LEDGER_FILE, identity_of(store.url), size)
        making = get_context("spawn").Process(target=_make, args=given)
        making.start()
        making.join()
        with subprocess.Popen(
            [sys.executable, "-m", "pipeline", "verify", "--json"],
            env=Command(home, store).environment,
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            told = sum(line.startswith(b'    "kind"') for line in process.stdout)
            _, status, used = posix.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
    return told, used.ru_maxrss / 1024, used.ru_utime + used.ru_stime


def _make(file: Path, store: str, size: int) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as ledger:
        make(ledger, store, size)


if __name__ == "__main__":
    main()
