"""Fault points do what the plan says, at the time it says, and else nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import faultpoints
from pipeline.faultpoints import arm, armed, around, reach, wrapped


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    arm(None)


class Thing:
    number = 3

    def work(self, value: int) -> int:
        return value + self.number


def test_nothing_happens_where_nothing_is_planned() -> None:
    assert not armed()
    reach("anywhere")
    assert around("work", Thing().work)(1) == 4


def test_a_call_fails_at_the_time_that_was_planned_and_only_then() -> None:
    arm("fail:step@2")
    assert armed()
    reach("step")
    with pytest.raises(OSError, match="fault point: step"):
        reach("step")
    reach("step")


def test_a_place_fails_with_the_error_that_is_its_own() -> None:
    arm("fail:step@1")
    with pytest.raises(ValueError, match="step"):
        reach("step", ValueError)


def test_a_function_has_a_place_before_and_one_after_it() -> None:
    done: list[int] = []
    arm("fail:before work@1;fail:after work@1")
    call = around("work", done.append, before=KeyError, after=RuntimeError)
    with pytest.raises(KeyError):
        call(1)
    assert done == []
    with pytest.raises(RuntimeError):
        call(2)
    assert done == [2]


def test_every_method_of_a_wrapped_thing_has_its_places_and_its_facts_have_none() -> None:
    thing = wrapped("thing", Thing(), ValueError)
    arm("fail:after thing.work@1")
    assert thing.number == 3
    with pytest.raises(ValueError, match="after thing"):
        thing.work(1)
    assert thing.work(1) == 4


@pytest.mark.parametrize("text", ["fail", "fail:step", "fail:step@", "fail:step@x", "hurt:step@1"])
def test_a_plan_that_makes_no_sense_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="ACTION:NAME@TIME"):
        arm(text)


def test_every_place_that_is_reached_is_traced(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    arm(f"trace:{trace}")
    reach("one")
    reach("two")
    reach("one")
    assert trace.read_text().split() == ["one@1", "two@1", "one@2"]


def test_a_kill_ends_the_process_there_and_then() -> None:
    program = (
        "from pipeline.faultpoints import arm, reach\n"
        "arm('kill:here@1')\n"
        "print('before', flush=True); reach('here'); print('after', flush=True)"
    )
    root = Path(faultpoints.__file__).resolve().parents[1]
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False
    )
    assert run.returncode != 0
    assert run.stdout.split() == ["before"]
