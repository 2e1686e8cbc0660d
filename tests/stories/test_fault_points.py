"""The process dies, or a call fails, before and after every durable and every network step.

The short form tries a sample, by seed, of the places and of the pairs in each scenario; the long
one every place where all else is well, and larger samples; `python -m tests.benchmarks.faults
--points` tries them all.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest

from tests.stories.faultworld import SCENARIOS, FaultWorld

SEED = int(os.environ.get("FAULT_SEED", "5"))

SAMPLES = [pytest.param(2, id="short"), pytest.param(8, id="long", marks=pytest.mark.long)]

FEW = [pytest.param(6, id="short"), pytest.param(None, id="long", marks=pytest.mark.long)]
"""Places where all else is well; None for all."""

TROUBLED = [name for name in SCENARIOS if name != "all is well"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultWorld]:
    with FaultWorld(tmp_path_factory.mktemp("points")) as world:
        yield world


def none_of(problems: list[str | None]) -> None:
    told = "\n\n".join(filter(None, problems))
    assert not told, f"FAULT_SEED={SEED}\n{told}"


@pytest.mark.parametrize("sample", FEW)
@pytest.mark.parametrize("action", ["kill", "fail"])
def test_wherever_it_dies_or_fails_the_next_run_stores_the_photograph_once(
    world: FaultWorld, action: str, sample: int | None
) -> None:
    places = world.places("all is well")
    expected = {"before ledger.intend@1", "before request@1", "answer begun@1", "after render@1"}
    assert expected <= set(places)
    if sample is not None:
        places = random.Random(f"{SEED} {action}").sample(places, sample)
    none_of([world.trial("all is well", [f"{action}:{place}"]) for place in places])


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("scenario", TROUBLED)
def test_wherever_it_dies_or_fails_in_the_middle_of_trouble_too(
    world: FaultWorld, scenario: str, sample: int
) -> None:
    dice = random.Random(f"{SEED} {sample} {scenario}")
    places = world.places(scenario)
    late = places[places.index("before ledger.intend@1") :]
    none_of(
        [
            world.trial(scenario, [f"{dice.choice(('kill', 'fail'))}:{place}"])
            for place in dice.sample(late, sample)
        ]
    )


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_dying_twice_or_failing_before_dying_stores_the_photograph_once(
    world: FaultWorld, scenario: str, sample: int
) -> None:
    dice = random.Random(f"{SEED} {sample} pairs {scenario}")
    places = world.places(scenario)
    problems = []
    for _ in range(sample):
        first, second = dice.choice(places), dice.choice(places)
        twice = [f"kill:{first}", f"kill:{second}"]
        problems.append(
            world.trial(scenario, dice.choice((twice, [f"fail:{first};kill:{second}"])))
        )
    none_of(problems)
