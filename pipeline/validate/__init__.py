"""Looks at a photograph before any work is put into it: is it one, is it whole, what is it?

Takes an `Original` (a regular file whose digest is known) and the `Limits`; returns an
`Inspection`; raises `PhotoRefused` with a reason and a sentence for people, and nothing else.

The format is decided by content. The structure is walked to its end, since a decode alone does
not prove that a file is whole; the pixels are decoded in the preparation, whose decode is the
proof of what only a decode can tell.
"""

from __future__ import annotations

from pipeline.validate.check import check

__all__ = ["check"]
