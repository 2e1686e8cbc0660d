"""How often a run writes its ledger down durably: several photographs share a commit."""

from __future__ import annotations

from pathlib import Path

from pipeline.faultpoints import VARIABLE
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph

PHOTOGRAPHS = 40


def test_a_photograph_takes_no_more_than_two_commits_where_its_steps_are_eight(
    tmp_path: Path,
) -> None:
    for number in range(PHOTOGRAPHS):
        photograph(tmp_path / f"shop/{1 + number % 8}/{number:03}.jpg", number, (60, 40))
    trace = tmp_path / "trace"
    with StoreProcess(tmp_path / "store", "--open", "--plan", "unlimited") as store:
        pipeline = Command(tmp_path / "home", store)
        ended = pipeline(
            "run", "--json", tmp_path / "shop", environment={VARIABLE: f"trace:{trace}"}
        ).well()
    assert ended.counts["stored"] == PHOTOGRAPHS
    commits = sum(line.startswith("before commit@") for line in trace.read_text().splitlines())
    assert commits <= 2 * PHOTOGRAPHS
