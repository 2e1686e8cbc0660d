"""What does a photograph cost in CPU, from its check to the finished picture, and before?

    python -m tests.benchmarks.render FOLDER --old TREE

Median CPU seconds of `check` and `render` by photograph and recipe, and how much that is of what
another version of the program takes: a worktree of it, whose own `tests.benchmarks.pictures.worker`
is asked (`git worktree add --detach TREE 6074a75`). Both take turns, on the photographs as a camera
writes them.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from pipeline.values import Limits, Preset
from tests.benchmarks.first_version import ROOT
from tests.benchmarks.pictures.photographs import as_a_camera_writes, photographs

GOALS: Final = {Preset.BEST: 0.73, Preset.FAST: 0.81}
"""What is to be left of 6074a75 for 24 megapixels: 0.35 of 0.48 CPU seconds, 0.17 of 0.21."""


class Version:
    """The worker of one version of the program, which prepares one photograph after another."""

    def __init__(self, tree: Path, preset: Preset) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.pictures.worker", preset.value],
            cwd=tree,
            env={**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def seconds(self, photograph: Path, target: Path) -> float:
        """Prepare a photograph and return the CPU seconds it took."""
        limits = Limits()
        asked = {
            "source": str(photograph),
            "target": str(target),
            "side": limits.longest_side,
            "most": limits.max_bytes,
        }
        assert self._process.stdin
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return float(self._answer()["cpu"])

    def close(self) -> None:
        """End it."""
        self._process.communicate()

    def _answer(self) -> dict[str, float]:
        assert self._process.stdout
        answer: dict[str, float] = json.loads(self._process.stdout.readline())
        return answer


def main() -> None:
    """Measure both versions in turns, and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, help="JPEGs")
    parser.add_argument("--old", type=Path, required=True, help="a worktree of another version")
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    print("| recipe | photograph | CPU s before | now | now ÷ before | goal |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory(prefix="render-") as name:
        folder = Path(name)
        found = [as_a_camera_writes(path, folder) for path in photographs(asked.folder)]
        for preset in Preset:
            versions = [Version(tree.resolve(), preset) for tree in (asked.old, ROOT)]
            for path in found:
                rows = [
                    [version.seconds(path, folder / "made") for version in versions]
                    # The first is not counted: it loads what the others find.
                    for _ in range(asked.rounds + 1)
                ][1:]
                before, now = (statistics.median(column) for column in zip(*rows, strict=True))
                figures = f"{before:.3f} | {now:.3f} | {now / before:.2f} | {GOALS[preset]}"
                print(f"| {preset.value} | {path.stem} | {figures} |", flush=True)
            for version in versions:
                version.close()


if __name__ == "__main__":
    main()
