"""Runs every tool over every photograph, interleaved, and has what they made judged."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from tests.benchmarks.pictures.judge import Verdict, judged, reference
from tests.benchmarks.pictures.task import Answer, Task
from tests.benchmarks.pictures.tools import Absent, Tool, started

__all__ = ["Made", "Measured", "Run", "measured"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What one tool made of one photograph: medians over the rounds, and the verdict."""

    photograph: str
    cpu: float
    wall: float
    peak: int | None
    encodes: int | None
    size: int
    width: int
    height: int
    verdict: Verdict | None


@dataclass(slots=True, kw_only=True)
class Measured:
    """A tool, its version and what it made; the photographs it failed on with the reason."""

    name: str
    version: str
    made: list[Made] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Run:
    """Everything that was measured, and the tools that are not installed."""

    side: int
    most: int
    rounds: int
    photographs: list[str]
    tools: list[Measured] = field(default_factory=list)
    absent: dict[str, str] = field(default_factory=dict)


def measured(
    photographs: Sequence[Path],
    names: Sequence[str],
    *,
    side: int,
    most: int,
    rounds: int,
    judges: int,
    folder: Path,
    say: Callable[[str], None],
) -> Run:
    """Measure the tools.

    Args:
        photographs: JPEGs, each with a name of its own.
        names: which tools, of `tools.NAMES`.
        side: the longest side in pixels.
        most: the bytes of a file.
        rounds: how often each photograph is made; medians are taken.
        judges: processes that judge at once, 0 to judge nothing.
        folder: for what is made.
        say: told what is being done.
    """
    run = Run(side=side, most=most, rounds=rounds, photographs=[path.name for path in photographs])
    tools: dict[str, Tool] = {}
    for name in names:
        try:
            tools[name] = started(name)
        except Absent as absent:
            run.absent[name] = str(absent)
            continue
        run.tools.append(Measured(name=name, version=tools[name].version))
    try:
        answers = _answers(run, tools, photographs, folder, say)
    finally:
        for tool in tools.values():
            tool.close()
    verdicts = _verdicts(run, photographs, folder, judges, say) if judges else {}
    for tool_measured in run.tools:
        for path in photographs:
            given = answers.get((tool_measured.name, path.name))
            if given:
                verdict = verdicts.get((tool_measured.name, path.name))
                made = _target(folder, tool_measured.name, path)
                tool_measured.made.append(_median(path, made, given, verdict))
    return run


def _answers(
    run: Run,
    tools: dict[str, Tool],
    photographs: Sequence[Path],
    folder: Path,
    say: Callable[[str], None],
) -> dict[tuple[str, str], list[Answer]]:
    answers: dict[tuple[str, str], list[Answer]] = {}
    for number in range(run.rounds + 1):
        # The first round warms caches and is not counted.
        say(f"round {number} of {run.rounds}" if number else "warming up")
        for path in photographs if number else photographs[:1]:
            for measured_tool in run.tools:
                name = measured_tool.name
                if path.name in measured_tool.failed:
                    continue
                target = _target(folder, name, path)
                target.parent.mkdir(parents=True, exist_ok=True)
                task = Task(source=path, target=target, side=run.side, most=run.most)
                try:
                    answer = tools[name].make(task)
                except RuntimeError as error:
                    measured_tool.failed[path.name] = str(error)
                    tools[name] = started(name)
                    continue
                if number:
                    answers.setdefault((name, path.name), []).append(answer)
    return answers


def _target(folder: Path, name: str, path: Path) -> Path:
    return (
        folder / name.replace(", ", "-").replace(" | ", "-").replace(" ", "-") / f"{path.stem}.jpg"
    )


def _verdicts(
    run: Run, photographs: Sequence[Path], folder: Path, judges: int, say: Callable[[str], None]
) -> dict[tuple[str, str], Verdict]:
    verdicts: dict[tuple[str, str], Verdict] = {}
    right = folder / "reference"
    right.mkdir(exist_ok=True)
    with ProcessPoolExecutor(judges) as pool:
        for path in photographs:
            made = {
                measured_tool.name: _target(folder, measured_tool.name, path)
                for measured_tool in run.tools
                if path.name not in measured_tool.failed
            }
            for size in {Image.open(target).size for target in made.values()}:
                pool.submit(reference, path, size, right).result()
            say(f"judging {path.name}")
            waiting = {
                name: pool.submit(judged, target, path, right) for name, target in made.items()
            }
            for name, verdict in waiting.items():
                verdicts[name, path.name] = verdict.result()
    return verdicts


def _median(path: Path, made: Path, given: list[Answer], verdict: Verdict | None) -> Made:
    peaks = [answer.peak for answer in given if answer.peak is not None]
    with Image.open(made) as image:
        width, height = image.size
    return Made(
        photograph=path.name,
        cpu=statistics.median(answer.cpu for answer in given),
        wall=statistics.median(answer.wall for answer in given),
        peak=max(peaks) if peaks else None,
        encodes=given[0].encodes,
        size=made.stat().st_size,
        width=width,
        height=height,
        verdict=verdict,
    )
