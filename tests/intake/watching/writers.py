"""Programs that write photographs into a watched folder, each in its own way, many at once."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

__all__ = ["Studio"]


def grow(path: Path, content: bytes, seconds: float) -> None:
    """Write it piece by piece."""
    step = 1 + len(content) // 4
    with path.open("wb", buffering=0) as file:
        for at in range(0, len(content), step):
            file.write(content[at : at + step])
            time.sleep(seconds / 4)


def allocate(path: Path, content: bytes, seconds: float) -> None:
    """Give it its size at once, and fill it while it is open."""
    with path.open("wb", buffering=0) as file:
        file.truncate(len(content))
        time.sleep(seconds)
        file.write(content)


def allocate_and_open_again(path: Path, content: bytes, seconds: float) -> None:
    """Give it its size, close it, and come back with what belongs in it."""
    path.write_bytes(bytes(len(content)))
    time.sleep(seconds)
    with path.open("r+b") as file:
        file.write(content)


def rename_as_rsync(path: Path, content: bytes, seconds: float) -> None:
    """Write it under a hidden name that tells its last one."""
    hidden = path.with_name(f".{path.name}.a7X2kQ")
    grow(hidden, content, seconds)
    hidden.rename(path)


def rename_as_browsers(path: Path, content: bytes, seconds: float) -> None:
    """Write it under its name with another suffix."""
    part = path.with_name(f"{path.name}.part")
    grow(part, content, seconds)
    part.rename(path)


def copy_and_set_its_time(path: Path, content: bytes, seconds: float) -> None:
    """Write it, and set its times back when it is closed, as copying programs do."""
    grow(path, content, seconds)
    os.utime(path, (1_000_000_000, 1_000_000_000))


WAYS: list[Callable[[Path, bytes, float], None]] = [
    grow,
    allocate,
    allocate_and_open_again,
    rename_as_rsync,
    rename_as_browsers,
    copy_and_set_its_time,
]


class Studio:
    """Many programs that write at once; each shot of a product is begun after the one before.

    Attributes:
        shots: of each product, in shot order.
    """

    def __init__(
        self, roots: list[Path], seed: int, products: int, content: Callable[[int], bytes]
    ) -> None:
        """Plan it.

        Args:
            roots: watched folders; each product is of one of them.
            seed: of what is random.
            products: how many.
            content: gives a photograph that no other number has.
        """
        print(f"seed {seed}")
        self._random = random.Random(seed)
        self._content = content
        self.shots: dict[str, list[Path]] = defaultdict(list)
        for number in range(products):
            sku, root, flat = (
                f"SM-{number}",
                self._random.choice(roots),
                self._random.random() < 0.3,
            )
            for shot in range(1, self._random.randint(3, 6)):
                name = f"{sku}_{shot}.jpg" if flat else f"{self._random.choice('ab')}{shot}.jpg"
                path = root / name if flat else root / sku / name
                path.parent.mkdir(exist_ok=True)
                self.shots[sku].append(path)
            self.shots[sku].sort()

    @property
    def all_shots(self) -> list[Path]:
        """All of them, product by product."""
        return [path for shots in self.shots.values() for path in shots]

    def shoot(self, seconds: float) -> None:
        """Write all of them, the products begun within so many seconds; wait until all are."""
        plans = []
        for shots in self.shots.values():
            at = self._random.uniform(0, seconds)
            for path in shots:
                # Most are quick, and the first is as often slow as any.
                pause = self._random.choice((0.0, 0.0, 0.3, 1.2))
                plans.append((at, path, self._random.choice(WAYS), pause))
                at += self._random.uniform(0.02, 0.2)
        began, writers = time.monotonic(), []
        for number, (at, path, way, pause) in enumerate(sorted(plans, key=lambda plan: plan[0])):
            content = self._content(number)
            time.sleep(max(0.0, began + at - time.monotonic()))
            writers.append(threading.Thread(target=way, args=(path, content, pause)))
            writers[-1].start()
        for writer in writers:
            writer.join()
