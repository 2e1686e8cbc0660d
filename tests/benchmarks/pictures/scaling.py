"""Counts what several workers give: photographs a second with 1, 2 and more of them.

Worker processes as the program uses them, and threads of one process beside for comparison:
Pillow and NumPy let go of the interpreter's lock for most of what takes long, but not for all.
"""

from __future__ import annotations

import hashlib
import os
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.memory import Budget
from pipeline.prepare import allow_pixels, render
from pipeline.spool import Spool
from pipeline.validate import check
from pipeline.values import EncodeSettings, Limits, Original, Preset
from pipeline.workers import Setup, Workers
from tests.benchmarks.pictures.worker import forget_peak, peak

__all__ = ["Scaled", "scaling"]

MEMORY = 320_000_000
"""Bytes for decoded pictures: the program's own default."""

ALONE = 800_000_000
"""Bytes that one decoded picture may take: the program's own default."""

TIMES = 4
"""How often each photograph is prepared in one measurement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaled:
    """What a number of workers gave.

    Attributes:
        kind: worker processes or threads.
        workers: how many.
        rate: photographs a second, the median over the rounds.
        times: the median over the rounds of what they gave against one worker process in the
            same round.
        peak: the most memory that they held together, in bytes; None where it is not known.
    """

    kind: str
    workers: int
    rate: float
    times: float
    peak: int | None


def scaling(
    photographs: Sequence[Path], preset: Preset, counts: Sequence[int], rounds: int
) -> list[Scaled]:
    """Measure workers, interleaved.

    Args:
        photographs: they are prepared several times over in each measurement.
        preset: what pictures are made for.
        counts: numbers of workers; 1 is measured too.
        rounds: how often each is measured.
    """
    kinds = [(kind, count) for count in sorted({1, *counts}) for kind in _KINDS]
    rates: dict[tuple[str, int], list[float]] = {}
    peaks: dict[tuple[str, int], int | None] = {}
    originals = [_original(path) for path in photographs]
    for _ in range(rounds):
        for kind, count in kinds:
            with tempfile.TemporaryDirectory(prefix="bench-spool-") as folder:
                rate, held = _measured(kind, count, originals, preset, Path(folder))
            rates.setdefault((kind, count), []).append(rate)
            peaks[kind, count] = held
    alone = rates[PROCESSES, 1]
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


def _measured(
    kind: str, count: int, originals: list[Original], preset: Preset, folder: Path
) -> tuple[float, int | None]:
    """Return photographs a second, and the most bytes held."""
    with _KINDS[kind](preset, folder) as work, ThreadPoolExecutor(count) as pool:
        list(pool.map(work, originals[:1] * count))
        forget_peak()
        begun = time.perf_counter()
        list(pool.map(work, originals * TIMES))
        taken = time.perf_counter() - begun
        held = peak() if kind == THREADS else _children_peak()
    return len(originals) * TIMES / taken, held


@contextmanager
def _processes(preset: Preset, folder: Path) -> Iterator[Callable[[Original], None]]:
    setup = Setup(
        limits=Limits(),
        encoding=EncodeSettings(preset=preset),
        spool=folder,
        memory=ALONE,
        seconds=60.0,
    )
    workers = Workers(setup, Budget(MEMORY, alone=ALONE))

    def work(original: Original) -> None:
        workers.render(original, workers.check(original))

    try:
        yield work
    finally:
        workers.close()


@contextmanager
def _threads(preset: Preset, folder: Path) -> Iterator[Callable[[Original], None]]:
    limits, encoding = Limits(), EncodeSettings(preset=preset)
    allow_pixels(limits.most_pixels)
    make = partial(
        render,
        limits=limits,
        encoding=encoding,
        spool=Spool(folder),
        budget=Budget(MEMORY, alone=ALONE),
    )

    def work(original: Original) -> None:
        make(original, check(original, limits))

    yield work


PROCESSES, THREADS = "worker processes", "threads"

_KINDS = {PROCESSES: _processes, THREADS: _threads}


def _original(path: Path) -> Original:
    content = path.read_bytes()
    return Original(
        sha256=hashlib.sha256(content).hexdigest(), size=len(content), path=path, root=path.parent
    )


def _children_peak() -> int | None:
    """Return what this process's children have held at the most, added up; None but on Linux."""
    held = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text("ascii", "replace")
        except OSError:
            continue
        if f"\nPPid:\t{os.getpid()}\n" in text and (found := re.search(r"VmHWM:\s+(\d+)", text)):
            held += int(found[1]) * 1024
    return held or None
