"""The tables of products that may be out of order in the store, and what was decided by hand there.

`to_arrange` has products whose pictures may be out of order since a moment; who has one in hand,
and since when it was so then. `by_hand` has what a person decided of an image. Like every
migration it is never changed (`migrations`).
"""

from __future__ import annotations

from typing import Final

__all__ = ["ARRANGING"]

ARRANGING: Final = """
CREATE TABLE to_arrange (
    store TEXT NOT NULL,
    product_id INTEGER NOT NULL,
    since TEXT NOT NULL,
    owner TEXT,
    taken_since TEXT,
    PRIMARY KEY (store, product_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE by_hand (
    store TEXT NOT NULL,
    product_id INTEGER NOT NULL,
    image_id INTEGER NOT NULL,
    decision TEXT NOT NULL CHECK (decision IN ('place', 'main')),
    PRIMARY KEY (store, product_id, image_id, decision)
) STRICT, WITHOUT ROWID;
"""
