"""How often does a photograph force the disk, and how fast is it where that takes its time?

    python -m tests.benchmarks.flushes

A real run over small pictures of several products, against the real local store (which is left
alone), on a disk whose flushes (`fsync`, `fdatasync`, of the command and of its worker processes)
are counted and take so long (`slow_disk.c`, which needs a C compiler). The rate is that between the
first and the last create request that the store saw. The first version of the program takes turns.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.first_version import FIRST, ROOT, first_version
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph

SOURCE = Path(__file__).with_name("slow_disk.c")
PRODUCTS = 20
GOALS = "| goal | 5 | ≤ 6 | ≥ 40 |"


@dataclass(frozen=True)
class Seen:
    """What a run did, a photograph."""

    flushes: float
    rate: float


def main() -> None:
    """Measure both versions, and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--photographs", type=int, default=300)
    parser.add_argument("--milliseconds", type=int, action="append", help="a flush; default 0, 5")
    asked = parser.parse_args()
    print("| version | ms a flush | flushes a photograph | photographs a second |")
    print("| --- | ---: | ---: | ---: |")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="flushes-")))
        first = stack.enter_context(first_version())
        disk = slow_disk(folder)
        trees = [(FIRST, first)] if first is not None else []
        for milliseconds in asked.milliseconds or (0, 5):
            for name, tree in [*trees, ("this", ROOT)]:
                with tempfile.TemporaryDirectory(prefix="flushes-") as own:
                    seen = measured(Path(own), tree, disk, asked.photographs, milliseconds)
                print(f"| {name} | {milliseconds} | {seen.flushes:.1f} | {seen.rate:.1f} |")
                sys.stdout.flush()
    print(GOALS)


def slow_disk(folder: Path) -> Path:
    """Return the library that counts and delays flushes, made in a folder."""
    compiler = shutil.which("cc") or sys.exit("a C compiler (`cc`) is needed")
    library = folder / "slow_disk.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O", "-o", library, SOURCE], check=True)
    return library


def measured(folder: Path, tree: Path, disk: Path, photographs: int, milliseconds: int) -> Seen:
    """Let the version in `tree` bring so many photographs in."""
    for number in range(photographs):
        name = f"{1 + number % PRODUCTS}/{number:06}.jpg"
        photograph(folder / "shop" / name, number, (90, 60))
    count = folder / "flushes"
    count.write_bytes(bytes(8))
    with StoreProcess(folder / "store", "--open", "--plan", "unlimited") as store:
        environment = {
            **Command(folder / "home", store).environment,
            "PYTHONPATH": str(tree),
            "LD_PRELOAD": str(disk),
            "FLUSHES": str(count),
            "FLUSH_MICROSECONDS": str(milliseconds * 1000),
        }
        subprocess.run(
            [sys.executable, "-m", "pipeline", "run", "--quiet", str(folder / "shop")],
            env=environment,
            cwd=tree,
            check=True,
        )
        made = [seen["at"] for seen in store.seen() if seen["image_id"] is not None]
    assert len(made) == photographs
    flushes = int.from_bytes(count.read_bytes(), sys.byteorder)
    return Seen(flushes=flushes / photographs, rate=(photographs - 1) / (max(made) - min(made)))


if __name__ == "__main__":
    main()
