"""A small drawing, and what a black and white picture shows, as text."""

from __future__ import annotations

from PIL import Image

ARROW = """
#........#
.#......#.
..######..
"""


def drawn(image: Image.Image) -> list[str]:
    """Show a black and white picture as text, black as `#`."""
    grey = image.convert("L").tobytes()
    rows = [grey[start : start + image.width] for start in range(0, len(grey), image.width)]
    return ["".join("." if value else "#" for value in row) for row in rows]


def arrow() -> Image.Image:
    rows = ARROW.split()
    raw = bytes(255 if sign == "." else 0 for row in rows for sign in row)
    return Image.frombytes("L", (len(rows[0]), len(rows)), raw).convert("1")
