"""What a run's JSON report takes of memory and time, as the files of the run grow in number.

Run it with `python -m tests.benchmarks.report`. It fills a ledger in each of three sizes, has one
process call all of its files its own, as a run with `--json` over known files does, and print its
report. The memory must not grow with the files.
"""

from __future__ import annotations

import argparse
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Final

from tests.ledger.synthetic import make

STORE: Final = "api.example.com/stores/abc/v3"

PRINTED: Final = """
import resource, subprocess, sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from pipeline.cli.report import print_document
from pipeline.ledger.sqlite import open_ledger
from pipeline.report.documents import RunEnd
from pipeline.store_address import StoreAddress

file, store = Path(sys.argv[1]), sys.argv[2]
with closing(open_ledger(file, store, "run", lambda: datetime.now(UTC))) as ledger:
    mine = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]);" \
        "c.execute('UPDATE arrivals SET owner = ?', sys.argv[2:]); c.commit()"
    subprocess.run([sys.executable, "-c", mine, str(file), ledger._owner.id], check=True)
    before = resource.getrusage(resource.RUSAGE_SELF)
    report, end = ledger.run_report(), RunEnd(interrupted=False, rehearsed=False, error=None)
    shop = StoreAddress(base_url=f"https://{store}", token="token")
    print_document(report, end, end.sums(report), store=shop)
    after = resource.getrusage(resource.RUSAGE_SELF)
took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
# Not by `ru_maxrss`: that remembers what the process held that started this one.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(int(peak.split()[1]) / 1024, took, file=sys.stderr)
"""


def main() -> None:
    """Print a table of three sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 40_000, 160_000])
    print("    files   peak MB   CPU s   CPU µs a file")
    for size in parser.parse_args().sizes:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "home" / "ledger.sqlite3"
            file.parent.mkdir()
            with closing(sqlite3.connect(file, isolation_level=None)) as connection:
                make(connection, STORE, size)
            told = subprocess.run(
                [sys.executable, "-c", PRINTED, str(file), STORE],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                check=True,
            ).stderr.split()
        peak, seconds = map(float, told[-2:])
        print(f"{size:9,} {peak:9.1f} {seconds:7.2f} {seconds * 1e6 / size:15.0f}")


if __name__ == "__main__":
    main()
