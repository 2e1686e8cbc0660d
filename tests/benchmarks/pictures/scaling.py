"""Counts what several workers give: photographs a second with 1, 2 and more of them.

Threads as the program uses them, and processes beside for comparison: Pillow and NumPy let go of
the interpreter's lock for all that takes long.
"""

from __future__ import annotations

import hashlib
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pipeline.prepare import Budget, allow_pixels, render
from pipeline.spool import Spool
from pipeline.validate import check
from pipeline.values import Limits, Original, Pace, Recipe
from tests.benchmarks.pictures.worker import forget_peak, peak

__all__ = ["Scaled", "scaling"]

MEMORY = 320_000_000
"""Bytes for decoded pictures: the program's own default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaled:
    """What a number of workers gave.

    Attributes:
        kind: threads or processes.
        workers: how many.
        rate: photographs a second, the median over the rounds.
        times: the median over the rounds of what they gave against one worker in the same round.
        peak: the most memory the process held, in bytes; None for several processes.
    """

    kind: str
    workers: int
    rate: float
    times: float
    peak: int | None


def scaling(
    photographs: Sequence[Path], pace: Pace, counts: Sequence[int], rounds: int
) -> list[Scaled]:
    """Measure workers, interleaved.

    Args:
        photographs: they are prepared four times over in each measurement.
        pace: the recipe.
        counts: numbers of workers; 1 is measured too.
        rounds: how often each is measured.
    """
    jobs = [(path, pace.value) for path in photographs] * 4
    kinds: list[tuple[str, int, Callable[[int], Executor]]] = []
    for count in sorted({1, *counts}):
        kinds.append(("threads", count, ThreadPoolExecutor))
        if count > 1:
            kinds.append(("processes", count, ProcessPoolExecutor))
    rates: dict[tuple[str, int], list[float]] = {}
    peaks: dict[tuple[str, int], int | None] = {}
    for _ in range(rounds):
        for kind, count, make in kinds:
            with make(count) as pool:
                list(pool.map(_prepare, jobs[:count]))
                forget_peak()
                begun = time.perf_counter()
                list(pool.map(_prepare, jobs))
                taken = time.perf_counter() - begun
            rates.setdefault((kind, count), []).append(len(jobs) / taken)
            peaks[kind, count] = peak() if kind == "threads" else None
    alone = rates["threads", 1]
    return [
        Scaled(
            kind=kind,
            workers=count,
            rate=statistics.median(given),
            times=statistics.median(rate / one for rate, one in zip(given, alone, strict=True)),
            peak=peaks[kind, count],
        )
        for (kind, count), given in rates.items()
    ]


_BUDGET = Budget(MEMORY, alone=2 * MEMORY)


def _prepare(job: tuple[Path, str]) -> int:
    path, pace = job
    content = path.read_bytes()
    original = Original(
        sha256=hashlib.sha256(content).hexdigest(), size=len(content), path=path, root=path.parent
    )
    del content
    limits = Limits()
    allow_pixels(limits.most_pixels)
    with tempfile.TemporaryDirectory(prefix="bench-spool-") as folder:
        inspection = check(original, limits)
        recipe = Recipe(pace=Pace(pace))
        return render(original, inspection, limits, recipe, Spool(Path(folder)), _BUDGET).size
