"""How long a camera stands still for the hook: its call against a bare interpreter's.

    python -m tests.benchmarks.hook

A bare `python -c pass` and calls of the hook in its several shapes take turns, so that whatever
else the machine does falls on all of them. The photograph is a JPEG of some 9 MB that was just
written, so that making it durable is work; the entry's way to the disk is in the time as well.
Beside the time on the wall stands the processor time, which other work on the machine changes
little, and what the disk alone takes for such a photograph. Milliseconds; prints one JSON document.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests import posix

PHOTOGRAPH_BYTES = 9_000_000
GOAL = 60.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=50)
    with tempfile.TemporaryDirectory(prefix="hook-") as folder:
        print(json.dumps(measured(Path(folder), parser.parse_args().rounds), indent=2))


def measured(folder: Path, rounds: int) -> dict[str, object]:
    """Return medians and 95th percentiles of each call, and what the hook takes beyond it."""
    script = folder / "hook.sh"
    pipeline = Path(sys.executable).with_name("pipeline")
    script.write_text(f'#!/bin/sh\nexec "{pipeline}" hook --no-start\n')
    script.chmod(0o755)
    calls = {
        "bare interpreter": [sys.executable, "-c", "pass"],
        "hook, installed command": [str(pipeline), "hook", "--no-start"],
        "hook, python -m pipeline": [sys.executable, "-m", "pipeline", "hook", "--no-start"],
        "hook, script as printed for gphoto2": [str(script)],
    }
    times: dict[str, list[float]] = {name: [] for name in calls}
    worked: dict[str, list[float]] = {name: [] for name in calls}
    flushes: list[float] = []
    content = os.urandom(PHOTOGRAPH_BYTES)
    for number in range(rounds):
        for name, command in calls.items():
            shot = folder / f"IMG_{number:04d}.JPG"
            shot.write_bytes(content)
            wall, processor = _call(command, folder, shot)
            times[name].append(wall)
            worked[name].append(processor)
            shot.unlink()
        shot.write_bytes(content)
        began = time.perf_counter()
        with shot.open("rb") as file:
            os.fsync(file.fileno())
        flushes.append((time.perf_counter() - began) * 1000)
        shot.unlink()
    shot = folder / "IMG_0000.JPG"
    shot.write_bytes(content)
    command = calls["hook, installed command"]
    with ThreadPoolExecutor(20) as pool:
        crowd = list(pool.map(lambda _: _call(command, folder, shot)[0], range(20)))
    bare = statistics.median(times["bare interpreter"])
    figures: dict[str, object] = {
        name: {
            "median_ms": round(statistics.median(taken), 1),
            "p95_ms": round(sorted(taken)[int(len(taken) * 0.95)], 1),
            "over_bare_ms": round(statistics.median(taken) - bare, 1),
            "processor_ms": round(statistics.median(worked[name]), 1),
        }
        for name, taken in times.items()
    }
    over = statistics.median(times["hook, installed command"]) - bare
    return {
        **figures,
        "photograph_to_the_disk_alone_ms": round(statistics.median(flushes), 1),
        "twenty_at_once_worst_ms": round(max(crowd), 1),
        "goal_over_bare_ms": GOAL,
        "goal_met": over <= GOAL,
    }


def _call(command: list[str], folder: Path, shot: Path) -> tuple[float, float]:
    environment = {
        **os.environ,
        "PIPELINE_HOME": str(folder / "home"),
        "ACTION": "download",
        "ARGUMENT": shot.name,
    }
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=environment)
    _, status, usage = posix.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return (time.perf_counter() - began) * 1000, (usage.ru_utime + usage.ru_stime) * 1000


if __name__ == "__main__":
    main()
