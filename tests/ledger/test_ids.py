"""Names that nobody else gives."""

from __future__ import annotations

import re

from pipeline.ledger.ids import new_id


def test_no_two_names_are_alike_and_each_may_be_part_of_a_files_name() -> None:
    names = {new_id() for _ in range(10_000)}
    assert len(names) == 10_000
    assert all(re.fullmatch(r"[a-z2-7]{16}", name) for name in names)
