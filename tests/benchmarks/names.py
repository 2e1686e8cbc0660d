"""How many requests does it take to know whose the photographs are?

    python -m tests.benchmarks.names [--photographs 2000] [--products 300] [--shop 300]

Two runs over photographs that are named by their SKUs and numbers, each over new ones, against the
real local store, whose own log is counted; this version, and the first one beside it. `--shop` is
how many products the shop has.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.first_version import FIRST, ROOT, first_version
from tests.localstore.process import StoreProcess
from tests.servers import local_store
from tests.stories.commands import Command, photograph


def main() -> None:
    """Measure both versions, and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--photographs", type=int, default=2_000)
    parser.add_argument("--products", type=int, default=300)
    parser.add_argument("--shop", type=int, default=300)
    asked = parser.parse_args()
    print("| version | run | photographs | requests | for names | share |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    with first_version() as first:
        for name, tree in (("this", ROOT), (FIRST, first)):
            if tree is not None:
                measure(name, tree, asked.photographs, asked.products, asked.shop)


def measure(name: str, tree: Path, photographs: int, products: int, shop: int) -> None:
    """Let a version run twice, and print what the store saw."""
    lines = "".join(f"{number},SKU_{number},Mug,\n" for number in range(1, shop + 1))
    with (
        tempfile.TemporaryDirectory(prefix="names-") as folder,
        local_store(Path(folder) / "shop", catalogue=lines) as store,
    ):
        home = Command(Path(folder) / "home", store, plain_ids=False)
        for begin, run in ((0, "first"), (30_000, "second")):
            for number in range(photographs):
                shot = f"SKU_{1 + number % products}_{number // products}_{run}.png"
                photograph(Path(folder) / run / shot, begin + number, (16, 12))
            store.control("DELETE", "_log")
            subprocess.run(
                [sys.executable, "-m", "pipeline", "run", "--quiet", str(Path(folder) / run)],
                env={**home.environment, "PYTHONPATH": str(tree)},
                cwd=tree,
                check=True,
            )
            told(name, run, photographs, store)


def told(name: str, run: str, photographs: int, store: StoreProcess) -> None:
    """Print a line of the table."""
    seen = store.seen()
    names = [
        entry
        for entry in seen
        if entry["path"] in ("/catalog/products", "/catalog/variants")
        and "include=images" not in entry["query"]
    ]
    share = len(names) / len(seen)
    print(f"| {name} | {run} | {photographs} | {len(seen)} | {len(names)} | {share:.2%} |")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
