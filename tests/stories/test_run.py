"""What a run has its ledger do: each step of a photograph once, and nothing is read again."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from pipeline.faultpoints import VARIABLE
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph

PHOTOGRAPHS = 20


def test_each_step_is_written_down_once_and_no_photograph_is_read_to_tell_of_it(
    tmp_path: Path,
) -> None:
    for number in range(PHOTOGRAPHS):
        photograph(tmp_path / f"shop/{1 + number % 4}/{number:03}.jpg", number, (60, 40))
    trace = tmp_path / "trace"
    with StoreProcess(tmp_path / "store", "--open", "--plan", "unlimited") as store:
        pipeline = Command(tmp_path / "home", store)
        ended = pipeline(
            "run", "--json", tmp_path / "shop", environment={VARIABLE: f"trace:{trace}"}
        ).well()
    assert ended.counts["stored"] == PHOTOGRAPHS
    places = (line.rpartition("@")[0] for line in trace.read_text().splitlines())
    begun = Counter(place for place in places if place.startswith("before ledger."))
    for step in ("validated", "prepared", "intend", "stored"):
        assert begun[f"before ledger.{step}"] == PHOTOGRAPHS, step
    assert begun["before ledger.photo"] == 0
