"""Refusals: each a sentence that says what is wrong and what would mend it."""

from __future__ import annotations

from pipeline.lifecycle import Reason
from pipeline.refusals import cannot_fit
from pipeline.values import Limits


def test_of_many_attempts_the_first_and_the_last_two_are_said() -> None:
    refused = cannot_fit("it", Limits(), list("abcde"))
    assert refused.reason is Reason.CANNOT_FIT
    assert str(refused) == "it cannot be brought under 1,000,000 bytes: tried a; b; c; d; e"
    assert str(cannot_fit("it", Limits(), list("abcdefg"))).endswith("tried a; b; 3 more; f; g")
