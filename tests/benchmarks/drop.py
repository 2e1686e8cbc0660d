"""Ten thousand files at once into a watched folder: is each stored once, and in order?

    python -m tests.benchmarks.drop --files 10000

They are spread over twenty products and moved into place as quickly as the disk takes them. Every
five seconds the memory of the watcher and of its workers is read. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import tempfile
import time
from pathlib import Path

from tests.benchmarks.memory import resident
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph
from tests.stories.judge import judge, listed
from tests.stories.watching import Watching, counts

PRODUCTS = range(150, 170)
READ_EVERY = 5.0
LONGEST = 7200.0


def main() -> None:
    """Run it and print what was seen."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=10_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="drop-") as folder:
        print(json.dumps(drop(Path(folder), asked.files)))


def drop(folder: Path, number: int) -> dict[str, object]:
    """Drop so many files, wait until all are stored, and judge."""
    shop, ready = folder / "shop", folder / "ready"
    store = StoreProcess(folder / "store", "--open", "--plan", "unlimited", as_described=False)
    pipeline = Command(folder / "home", store)
    files: dict[Path, int] = {}
    for one in range(number):
        product = PRODUCTS[one % len(PRODUCTS)]
        name = f"{product}_{one // len(PRODUCTS)}.png"
        photograph(ready / str(product) / name, one, (40, 30))
        files[shop / str(product) / name] = product
    for product in PRODUCTS:
        (shop / str(product)).mkdir(parents=True)
    watching = Watching(pipeline, shop)
    watching.start()
    assert watching.process is not None
    began = time.monotonic()
    for path, product in files.items():
        shutil.move(ready / str(product) / path.name, path)
    dropped = time.monotonic() - began
    readings = []
    while counts(pipeline)["stored"] < number and time.monotonic() - began < LONGEST:
        readings.append(resident(watching.process.pid))
        time.sleep(READ_EVERY)
    taken = time.monotonic() - began
    watching.stop()
    verdict = judge(store, pipeline.home / "ledger.sqlite3", files)
    in_order = all(_in_order(store, product) for product in PRODUCTS)
    store.stop()
    return {
        "files": number,
        "dropped_in_seconds": round(dropped, 1),
        "stored_after_seconds": round(taken),
        "in_order": in_order,
        "watcher_mb_most": round(max(own for own, _ in readings) / 1e6, 1),
        "workers_mb_most": round(max(workers for _, workers in readings) / 1e6, 1),
        "judge": str(verdict),
    }


def _in_order(store: StoreProcess, product: int) -> bool:
    images = sorted(listed(store, product).values(), key=lambda image: image["id"])
    names = [re.search(r"-(\d+)-[0-9a-f]{10}__", image["image_file"]) for image in images]
    numbers = [int(name[1]) for name in names if name is not None]
    return numbers == list(range(len(images)))


if __name__ == "__main__":
    main()
