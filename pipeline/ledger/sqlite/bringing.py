"""What the fourteenth version of the tables adds: which batch brought a photograph in.

Like every migration it is never changed (`migrations`).
"""

from __future__ import annotations

from typing import Final

__all__ = ["BRINGING"]

# `brought_by`: the batch of who received it first; it never changes. NULL where an earlier version
# received it: then `batch` says in which one it was sent, which is nearly always the same.
BRINGING: Final = """
ALTER TABLE photos ADD COLUMN brought_by INTEGER;
CREATE INDEX photos_brought_by ON photos (brought_by) WHERE brought_by IS NOT NULL;
"""
