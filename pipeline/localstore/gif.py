"""How many frames a GIF has, counted by its blocks: nothing is decoded for it."""

from __future__ import annotations

__all__ = ["gif_frames"]

EXTENSION = 0x21
IMAGE = 0x2C
TRAILER = 0x3B


def gif_frames(content: bytes) -> int:
    """Count the frames; a file that ends early has as many as were begun.

    Args:
        content: the whole file, beginning with a GIF's signature.
    """
    if len(content) < 13:
        return 0
    at = 13 + _table(content[10])
    frames = 0
    while at < len(content):
        kind = content[at]
        if kind == IMAGE:
            frames += 1
            if at + 10 > len(content):
                break
            # The descriptor is ten bytes; a colour table and the code size come before the data.
            at = _after_blocks(content, at + 11 + _table(content[at + 9]))
        elif kind == EXTENSION:
            at = _after_blocks(content, at + 2)
        elif kind == TRAILER:
            break
        else:
            at += 1
    return frames


def _table(flags: int) -> int:
    return 3 * 2 ** ((flags & 0x07) + 1) if flags & 0x80 else 0


def _after_blocks(content: bytes, at: int) -> int:
    while at < len(content) and content[at]:
        at += 1 + content[at]
    return at + 1
