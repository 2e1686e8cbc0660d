"""What does a small picture cost the process of a run, besides its workers and the store?

    python -m tests.benchmarks.small

CPU milliseconds a photograph of some 7 kB: the slope between runs of two sizes, so that the start
is in neither, against the real local store. The first version of the program takes turns.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks.first_version import FIRST, ROOT, first_version
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph

PRODUCTS = 20
SIZES = (100, 500)

RUN = """
import atexit, resource, runpy, sys
told = sys.argv.pop(1)
def tell():
    used = resource.getrusage(resource.RUSAGE_SELF)
    with open(told, "w") as file:
        file.write(str(used.ru_utime + used.ru_stime))
atexit.register(tell)
runpy.run_module("pipeline", run_name="__main__", alter_sys=True)
"""


def main() -> None:
    """Measure both versions in turns, and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with ExitStack() as stack:
        first = stack.enter_context(first_version())
        trees = [(FIRST, first)] if first is not None else []
        seen: dict[str, list[float]] = {}
        for _ in range(asked.rounds):
            for name, tree in [*trees, ("this", ROOT)]:
                few, many = (measured(tree, size) for size in SIZES)
                slope = 1000 * (many - few) / (SIZES[1] - SIZES[0])
                seen.setdefault(name, []).append(slope)
    print("| version | CPU ms a photograph: median | least | most |")
    print("| --- | ---: | ---: | ---: |")
    for name, slopes in seen.items():
        median, least, most = statistics.median(slopes), min(slopes), max(slopes)
        print(f"| {name} | {median:.1f} | {least:.1f} | {most:.1f} |")
    print("| goal | ≤ 3 | | |")


def measured(tree: Path, photographs: int) -> float:
    """Return the CPU seconds of a run over so many photographs, its own process alone."""
    with tempfile.TemporaryDirectory(prefix="small-") as name:
        folder = Path(name)
        for number in range(photographs):
            path = folder / "shop" / f"{1 + number % PRODUCTS}/{number:06}.jpg"
            photograph(path, number, (90, 60))
        with StoreProcess(folder / "store", "--open", "--plan", "unlimited") as store:
            subprocess.run(
                [sys.executable, "-c", RUN, folder / "used", "run", "--quiet", folder / "shop"],
                env={**Command(folder / "home", store).environment, "PYTHONPATH": str(tree)},
                cwd=tree,
                check=True,
            )
        return float((folder / "used").read_text())


if __name__ == "__main__":
    main()
