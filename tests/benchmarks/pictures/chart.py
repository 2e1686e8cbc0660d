"""Draws a run as an SVG: quality against CPU, a dot a tool; up and to the left is better."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Final

from tests.benchmarks.pictures.report import Line

__all__ = ["chart"]

WIDTH: Final = 860
HEIGHT: Final = 470
LEFT, RIGHT, TOP, BOTTOM = 70, 30, 56, 62
OURS: Final = "#c2410c"
OTHERS: Final = "#475569"
LETTER: Final = 6.6
"""Pixels that a letter takes, some: names that would overlap are moved apart."""


def chart(lines: Sequence[Line], caption: str) -> str:
    """Return the drawing of the tools that were judged; a vertical stroke reaches to the worst.

    Args:
        lines: the tools.
        caption: what was measured, in a line.

    Raises:
        ValueError: nothing was judged.
    """
    shown = [
        (line.name, line.cpu, line.mean, line.worst)
        for line in lines
        if line.mean is not None and line.worst is not None
    ]
    if not shown:
        raise ValueError("nothing was judged: install ssimulacra2")
    lowest = math.floor(min(worst for *_, worst in shown) / 5) * 5
    highest = math.ceil(max(mean for _, _, mean, _ in shown) / 5) * 5
    fastest, slowest = min(cpu for _, cpu, *_ in shown), max(cpu for _, cpu, *_ in shown)
    first, last = math.log10(fastest / 1.3), math.log10(slowest * 1.5)

    def across(cpu: float) -> float:
        return LEFT + (math.log10(cpu) - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def down(quality: float) -> float:
        return TOP + (highest - quality) / (highest - lowest) * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="#1e293b">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        _text(LEFT, 22, "Quality against CPU: up and to the left is better", size=15),
        _text(LEFT, 40, caption, colour="#64748b"),
    ]
    step = 5 if highest - lowest <= 40 else 10
    for quality in range(lowest, highest + 1, step):
        y = down(quality)
        parts.append(
            f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#e2e8f0"/>'
            + _text(LEFT - 8, y + 4, str(quality), anchor="end")
        )
    for cpu in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20):
        if first < math.log10(cpu) < last:
            x = across(cpu)
            parts.append(
                f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#e2e8f0"/>'
                + _text(x, HEIGHT - BOTTOM + 18, f"{cpu:g}", anchor="middle")
            )
    middle = (LEFT + WIDTH - RIGHT) / 2
    below = "CPU seconds a photograph (logarithmic)"
    parts.append(_text(middle, HEIGHT - BOTTOM + 40, below, anchor="middle"))
    beside = (TOP + HEIGHT - BOTTOM) / 2
    said = "SSIMULACRA2: mean (dot) and worst (end of the stroke)"
    parts.append(
        f'<text x="20" y="{beside}" text-anchor="middle" '
        f'transform="rotate(-90 20 {beside})">{said}</text>'
    )
    taken: list[tuple[float, float, float]] = []
    for name, cpu, mean, worst in sorted(shown, key=lambda one: -one[2]):
        colour = OURS if name.startswith("this program") else OTHERS
        x, y = across(cpu), down(mean)
        parts.append(
            f'<path d="M{x:.1f} {y:.1f}V{down(worst):.1f}" stroke="{colour}" '
            f'stroke-opacity="0.45" stroke-width="2"/>'
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{colour}"/>'
        )
        at = _free(taken, x, y - 10, len(name) * LETTER)
        parts.append(_text(x, at, name, anchor="middle", colour=colour))
    return "\n".join([*parts, "</svg>", ""])


def _free(taken: list[tuple[float, float, float]], x: float, y: float, width: float) -> float:
    """Return a height for a name where no other stands, above the dot and up from there."""
    while any(
        abs(y - other) < 13 and abs(x - at) < (width + wide) / 2 for at, other, wide in taken
    ):
        y -= 13
    taken.append((x, y, width))
    return y


def _text(
    x: float, y: float, said: str, *, anchor: str = "start", size: int = 12, colour: str = "#1e293b"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
        f'fill="{colour}">{escape(said)}</text>'
    )
