"""Looks at a photograph before any work is put into it: is it one, is it whole, what is it?

Takes an `Original` (a regular file whose digest is known) and the `Limits`; gives an
`Inspection`; raises `PhotoRefused` with a reason and a sentence for people, and nothing else.

The format is decided by content. The structure is walked to its end, since a decode alone does
not prove that a file is whole; the pixels are decoded in the preparation, whose decode is the
proof of what only a decode can tell.

`register_wbmp` teaches Pillow to read and write WBMP, and `register_xbm` to read and write XBM
black on white (its own plug-in shows the negative); importing this room has done both already.
"""

from __future__ import annotations

from pipeline.formats.wbmp import register_wbmp
from pipeline.formats.xbm_plugin import register_xbm
from pipeline.validate.check import check

__all__ = ["check", "register_wbmp", "register_xbm"]
