"""Whose fault an error is, and what it says of the store."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.engine.blame import BLAMELESS, cause, health_after, may_pass
from pipeline.engine.ports import StoreHealth
from pipeline.errors import (
    NotReady,
    PhotoRefused,
    PipelineError,
    StoreThrottled,
    StoreUnavailable,
    StoreUnreachable,
    StoreUnsure,
)
from pipeline.lifecycle import PASSING_TRIES, Reason
from tests.makers import photo


@pytest.mark.parametrize(
    ("error", "health"),
    [
        (StoreUnreachable("no connection"), StoreHealth.NOTHING),
        (StoreThrottled("wait", None), StoreHealth.WELL),
        (StoreUnavailable("503"), StoreHealth.BADLY),
        (StoreUnsure("no answer"), StoreHealth.BADLY),
        (NotReady("still written"), StoreHealth.WELL),
    ],
)
def test_an_error_says_how_the_store_does(error: PipelineError, health: StoreHealth) -> None:
    assert health_after(error) is health


def test_what_lies_in_the_surroundings_may_pass_within_a_few_tries() -> None:
    gone, damaged = PhotoRefused(Reason.VANISHED, "gone"), PhotoRefused(Reason.DAMAGED, "torn")
    assert may_pass(photo(), gone)
    assert not may_pass(replace(photo(), attempts=PASSING_TRIES), gone)
    assert not may_pass(photo(), damaged)


def test_a_cause_is_told_in_words_where_it_is_ours() -> None:
    assert cause(StoreUnavailable("the shop rests")) == "the shop rests"
    assert cause(KeyError("x")) == "KeyError"
    assert not isinstance(StoreUnavailable("503"), BLAMELESS)
