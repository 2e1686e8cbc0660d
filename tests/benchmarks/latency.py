"""From the close of a file to its presence in the store, beside the floor: prepare and POST alone.

    python -m tests.benchmarks.latency

A real watcher with default settings, the real local store, JPEGs of 24 megapixels. The clock
starts when the writer closes the file and stops when the store's own log shows the create request
answered. The floor is the same photograph through the engine's own functions, one after the other,
in a process that does nothing else. Seconds; prints one JSON document.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from pipeline.assembly import engine_for
from pipeline.engine import SilentObserver
from pipeline.ledger.sqlite import open_reader
from pipeline.lifecycle import State
from pipeline.service.clock import SystemClock
from pipeline.settings import Settings, load
from pipeline.store_address import StoreAddress
from pipeline.values import Arrival, Door, Placement
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, until
from tests.stories.watching import Watching

PIXELS = (6000, 4000)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--photographs", type=int, default=15)
    parser.add_argument("--original", type=Path, help="a photograph of your own instead")
    asked = parser.parse_args()
    content = asked.original.read_bytes() if asked.original else _photograph()
    with tempfile.TemporaryDirectory(prefix="latency-") as folder:
        print(json.dumps(measured(Path(folder), content, asked.photographs), indent=2))


def measured(folder: Path, content: bytes, photographs: int) -> dict[str, object]:
    """Return medians and the worst, and the settle time that is part of them."""
    with StoreProcess(folder / "store", "--open", "--plan", "unlimited") as store:
        floor = [_floor(folder, store, content, number) for number in range(photographs)]
        through = _through_the_watcher(folder, store, content, photographs)
    settings = Settings()
    return {
        "photograph_bytes": len(content),
        "pixels": list(PIXELS),
        "median_s": round(statistics.median(through), 3),
        "worst_s": round(max(through), 3),
        "floor_median_s": round(statistics.median(floor), 3),
        "settle_s": settings.quiet_after_close,
        "goal_s": 1.0,
        "goal_met": statistics.median(through) < 1.0,
    }


def _through_the_watcher(
    folder: Path, store: StoreProcess, content: bytes, photographs: int
) -> list[float]:
    shop = folder / "shop" / "158"
    shop.mkdir(parents=True)
    pipeline = Command(folder / "home", store)
    taken: list[float] = []
    with Watching(pipeline, shop.parent).running():
        time.sleep(2)
        for number in range(photographs):
            path = shop / f"158_{number}.jpg"
            another = _another(content, 1000 + number)
            path.write_bytes(another)
            closed = time.time()
            stored_at = _stored_at(pipeline, path)
            taken.append(stored_at - closed)
            time.sleep(1)
    return taken


def _stored_at(pipeline: Command, path: Path) -> float:
    """Wait until the ledger has it as stored, which is after the store has; give when it was."""
    reader = open_reader(pipeline.home / "ledger.sqlite3", None)
    until(lambda: [photo.state for photo in reader.at_path(path)] == [State.STORED])
    (photo,) = reader.at_path(path)
    reader.close()
    return photo.changed_at.timestamp()


def _floor(folder: Path, store: StoreProcess, content: bytes, number: int) -> float:
    path = folder / "floor.jpg"
    path.write_bytes(_another(content, number))
    settings = load({"home": folder / "floor"}, {}).settings
    address = StoreAddress(base_url=store.url, token=store.token)
    with engine_for(settings, address, SystemClock(), SilentObserver(), Door.RUN) as engine:
        stages = engine.stages
        seen = datetime.now(UTC)
        began = time.perf_counter()
        original = stages.accept(
            Arrival(path=path, root=folder, door=Door.RUN, seen_at=seen, product_id=159)
        )
        picture = stages.render(original, stages.check(original), "1")
        stages.deliver(picture, Placement(product_id=159, rule="measured"), lambda done, all_: None)
        return time.perf_counter() - began


def _photograph() -> bytes:
    """Make a JPEG of some 10 MB with the softness and the grain of a studio photograph."""
    across = Image.linear_gradient("L").resize(PIXELS, Image.Resampling.BICUBIC)
    down = across.transpose(Image.Transpose.ROTATE_90).resize(PIXELS)
    soft = Image.merge("RGB", (across, down, Image.radial_gradient("L").resize(PIXELS)))
    grain = Image.effect_noise(PIXELS, 12).convert("RGB")
    file = io.BytesIO()
    Image.blend(soft, grain, 0.35).save(file, "JPEG", quality=95)
    return file.getvalue()


def _another(content: bytes, number: int) -> bytes:
    """Return the photograph with a corner of another colour: it is another picture."""
    file = io.BytesIO()
    with Image.open(io.BytesIO(content)) as image:
        image.paste((number % 256, number // 256 % 256, 128), (0, 0, 64, 64))
        image.save(file, "JPEG", quality=95)
    return file.getvalue()


if __name__ == "__main__":
    main()
