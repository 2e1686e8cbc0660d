"""The command: measures, prints a table, and writes JSON and a drawing where asked."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pipeline.values import Limits, Preset
from tests.benchmarks.pictures.chart import chart
from tests.benchmarks.pictures.photographs import SAMPLES, as_a_camera_writes, photographs
from tests.benchmarks.pictures.report import document, lines, table
from tests.benchmarks.pictures.run import measured
from tests.benchmarks.pictures.scaling import scaling
from tests.benchmarks.pictures.tools import NAMES

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked and give the exit status: 0, or 2 where there is nothing to measure."""
    asked = _parser().parse_args(arguments)
    found = [path for folder in asked.folder or [SAMPLES] for path in photographs(folder)]
    if not found:
        print("there are no JPEGs to measure", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        folder = Path(asked.keep or temporary)
        if asked.camera:
            camera = folder / "camera"
            camera.mkdir(parents=True, exist_ok=True)
            found = [as_a_camera_writes(path, camera) for path in found]
        if asked.workers:
            _scaling(found, asked.workers, asked.rounds)
            return 0
        run = measured(
            found,
            [name for name in NAMES if not asked.only or name in asked.only],
            side=asked.longest_side,
            most=asked.max_bytes,
            rounds=asked.rounds,
            judges=asked.judges,
            folder=folder,
            say=lambda said: print(said, file=sys.stderr),
        )
    print(table(run))
    now = datetime.now(UTC)
    if asked.json:
        asked.json.write_text(document(run, now.isoformat(timespec="seconds")), "utf-8")
    if asked.chart:
        caption = (
            f"{len(run.photographs)} photographs to {run.side} pixels and {run.most:,} bytes, "
            f"{now:%Y-%m-%d}"
        )
        asked.chart.write_text(chart(lines(run), caption), "utf-8")
    return 0


def _scaling(found: list[Path], counts: list[int], rounds: int) -> None:
    for preset in Preset:
        for one in scaling(found, preset, counts, rounds):
            held = "" if one.peak is None else f", {one.peak / 1e6:.0f} MB at most"
            print(
                f"{preset.value}: {one.workers} {one.kind}: {one.rate:.2f} photographs a second, "
                f"{one.times:.2f} times one worker process{held}"
            )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.pictures",
        description="Measure what pictures cost and how good they are, beside every "
        "installed peer.",
    )
    parser.add_argument("folder", nargs="*", type=Path, help="JPEGs; the samples if none is given")
    parser.add_argument("--longest-side", type=int, default=Limits().longest_side, metavar="PIXELS")
    parser.add_argument("--max-bytes", type=int, default=Limits().max_bytes, metavar="BYTES")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured")
    parser.add_argument("--only", action="append", choices=NAMES, help="one tool; may be repeated")
    parser.add_argument(
        "--camera", action="store_true", help="encode them anew first, as a camera does (96, 4:2:2)"
    )
    parser.add_argument(
        "--judges",
        type=int,
        default=max(1, (os.cpu_count() or 2) - 1),
        help="processes that judge at once; 0 to measure cost alone",
    )
    parser.add_argument("--json", type=Path, help="write everything measured to this file")
    parser.add_argument("--chart", type=Path, help="draw quality against CPU to this SVG file")
    parser.add_argument("--keep", type=Path, help="keep the pictures in this folder")
    parser.add_argument(
        "--workers", type=int, action="append", help="measure instead what so many workers give"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
