"""Shows a run: as a table for people, as JSON for whoever compares runs."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from tests.benchmarks.pictures.judge import Verdict, measures
from tests.benchmarks.pictures.run import Made, Measured, Run
from tests.benchmarks.pictures.tools import about

__all__ = ["Line", "document", "lines", "table"]


HEAD: Final[tuple[str, ...]] = (
    *("tool", "CPU s", "wall s", "peak MB", "kB", "of limit", "encodes"),
    *("SSIMULACRA2", "worst", "Butteraugli", "ΔE2000"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One tool over all photographs: means, the largest peak, the worst of each measure.

    `over` counts the pictures that exceed the limit.
    """

    name: str
    version: str
    photographs: int
    cpu: float
    wall: float
    peak: int | None
    size: float
    share: float
    over: int
    encodes: float | None
    mean: float | None
    worst: float | None
    butteraugli: float | None
    colour: float | None


def lines(run: Run) -> list[Line]:
    """Return a line for each tool that made anything."""
    return [_line(measured, run.most) for measured in run.tools if measured.made]


def table(run: Run) -> str:
    """Return the table, with what was compared, what failed and what is missing."""
    rows = [HEAD, *(_cells(line) for line in lines(run))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    said = [
        f"{len(run.photographs)} photographs to {run.side} pixels and {run.most:,} bytes, "
        f"medians of {run.rounds} interleaved rounds, means over the photographs",
        "",
    ]
    for row in rows:
        name, *cells = row
        aligned = (cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True))
        said.append("  ".join([name.ljust(widths[0]), *aligned]))
    said += ["", f"on {_machine()['processor']}, {_machine()['system']}"]
    for measured in run.tools:
        said.append(f"{measured.name}: {measured.version}; {about(measured.name)}")
        said += [f"    failed on {name}: {why}" for name, why in measured.failed.items()]
    for line in lines(run):
        if line.over:
            said.append(f"{line.name}: {line.over} of {line.photographs} exceed the limit")
    said += [f"{name}: not installed: {why}" for name, why in run.absent.items()]
    said += [f"{name}: {what}" for name, what in measures().items()]
    return "\n".join(said)


def document(run: Run, when: str) -> str:
    """Return everything that was measured as JSON."""
    return json.dumps(
        {
            "when": when,
            "machine": _machine(),
            "measures": measures(),
            **asdict(run),
            "summary": [asdict(line) for line in lines(run)],
        },
        indent=2,
        ensure_ascii=False,
    )


def _line(measured: Measured, most: int) -> Line:
    made = measured.made
    peaks = [one.peak for one in made if one.peak is not None]
    encodes = [one.encodes for one in made if one.encodes is not None]
    similar = _verdicts(made, lambda verdict: verdict.ssimulacra2)
    visible = _verdicts(made, lambda verdict: verdict.butteraugli)
    colours = _verdicts(made, lambda verdict: verdict.colour)
    return Line(
        name=measured.name,
        version=measured.version,
        photographs=len(made),
        cpu=statistics.fmean(one.cpu for one in made),
        wall=statistics.fmean(one.wall for one in made),
        peak=max(peaks) if peaks else None,
        size=statistics.fmean(one.size for one in made),
        share=statistics.fmean(one.size / most for one in made),
        over=sum(one.size > most for one in made),
        encodes=statistics.fmean(encodes) if encodes else None,
        mean=statistics.fmean(similar) if similar else None,
        worst=min(similar) if similar else None,
        butteraugli=statistics.fmean(visible) if visible else None,
        colour=statistics.fmean(colours) if colours else None,
    )


def _verdicts(made: Iterable[Made], of: Callable[[Verdict], float | None]) -> list[float]:
    given = (one.verdict for one in made)
    return [value for one in given if one is not None and (value := of(one)) is not None]


def _cells(line: Line) -> tuple[str, ...]:
    def number(value: float | None, places: int) -> str:
        return "–" if value is None else f"{value:.{places}f}"

    return (
        line.name,
        number(line.cpu, 3),
        number(line.wall, 3),
        number(None if line.peak is None else line.peak / 1e6, 0),
        number(line.size / 1000, 0),
        f"{line.share:.1%}",
        number(line.encodes, 1),
        number(line.mean, 2),
        number(line.worst, 2),
        number(line.butteraugli, 3),
        number(line.colour, 2),
    )


def _machine() -> dict[str, str | int | None]:
    processor = platform.processor()
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                processor = line.partition(":")[2].strip()
                break
    except OSError:
        pass
    return {
        "processor": processor or platform.machine(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()}, Python {platform.python_version()}",
    }
