"""What a process may claim is a value: the ledger keeps its questions by it."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from pipeline.claimable import ANYBODYS, OWN, Claimable


def test_who_says_nothing_may_claim_its_own_alone_in_haste_or_not() -> None:
    assert Claimable(any_owner=False, shots=False, only_haste=False) == OWN


def test_two_that_say_the_same_are_one_and_none_changes() -> None:
    assert {Claimable(any_owner=True): "kept"}[ANYBODYS] == "kept"
    with pytest.raises(FrozenInstanceError):
        OWN.shots = True  # type: ignore[misc]
