"""Products to be arranged, in their tables; what every ledger promises is in `tests/contract`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from pipeline.ledger import Ledger
from tests.ledger.processes import another_process
from tests.makers import ManualClock


def test_what_a_killed_process_had_in_hand_is_arranged_by_the_next_one(
    file: Path, opened: Callable[[], Ledger]
) -> None:
    opened()
    killed = """
import os
from datetime import timedelta
from pipeline.claimable import ANYBODYS
from pipeline.ledger.sqlite import open_ledger
from pipeline.values import Step
from tests.ledger.conftest import STORE
from tests.contract.steps import take, to_prepared
from tests.makers import ManualClock, arrival, original, stored_image
ledger = open_ledger(file, STORE, "run", ManualClock().now)
ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
to_prepared(ledger)
ledger.stored(
    ledger.intend(take(ledger, Step.UPLOAD)), stored_image(7), "stored", in_place=False
)
assert ledger.take_to_arrange(ManualClock().now() + timedelta(seconds=1), 0, 9) == [158]
ledger.make_durable()
say("here")
os.kill(os.getpid(), 9)
"""
    with another_process(file, killed) as process:
        assert process.wait(10) == -9
    ledger = opened()
    ledger.recover()
    assert ledger.take_to_arrange(ManualClock().now() + timedelta(seconds=1), 0, 9) == [158]
