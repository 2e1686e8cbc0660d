"""The step to the twelfth version brings forward what an older ledger says of what is kept back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from pipeline.ledger.sqlite import open_ledger
from pipeline.lifecycle import Reason
from tests.ledger.conftest import STORE
from tests.ledger.synthetic import make
from tests.makers import ManualClock


def test_what_was_kept_back_before_there_was_a_reason_for_it_has_one(file: Path) -> None:
    file.parent.mkdir()
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        make(connection, STORE, 3, version=11)
        for number, state, sentence in (
            (1, "prepared", "not sent: no answer"),
            (2, "prepared", "made"),
            (3, "stored", "not sent: is no word of ours here"),
        ):
            connection.execute(
                "UPDATE photos SET state = ?, sentence = ? WHERE seq = ?", (state, sentence, number)
            )
    with closing(open_ledger(file, STORE, "run", ManualClock().now)) as ledger:
        told = [(photo.sentence, photo.reason) for photo in ledger.photos()]
    assert told == [
        ("not sent: no answer", Reason.NOT_SENT),
        ("made", None),
        ("not sent: is no word of ours here", None),
    ]
