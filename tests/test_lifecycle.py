from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.lifecycle import (
    FINAL_STATES,
    MOVES,
    NOT_SENT,
    TRANSIENT_REASONS,
    UNFINISHED_STATES,
    ArrivalDecision,
    ArrivalFacts,
    KnownPhoto,
    Reason,
    State,
    backoff_seconds,
    is_another_photo,
    is_move,
    needs_bytes,
    on_arrival,
    reopened_state,
)

LONG = st.floats(0.001, 10_000)


def test_every_state_has_its_moves_and_none_leads_to_itself() -> None:
    assert set(MOVES) == set(State)
    assert all(state not in after for state, after in MOVES.items())


def test_a_state_is_either_unfinished_or_final() -> None:
    assert set(State) == UNFINISHED_STATES | FINAL_STATES
    assert not UNFINISHED_STATES & FINAL_STATES


def test_every_state_is_reached_and_every_photograph_can_come_to_rest() -> None:
    reached, new = {State.RECEIVED}, {State.RECEIVED}
    while new:
        new = {after for state in new for after in MOVES[state]} - reached
        reached |= new
    assert reached == set(State)
    resting = set(FINAL_STATES)
    while more := {state for state in State if MOVES[state] & resting} - resting:
        resting |= more
    assert resting == set(State)


def test_what_is_stored_is_never_sent_again_by_itself() -> None:
    assert MOVES[State.STORED] == {State.REMOVED}


def test_only_what_was_sent_or_is_found_in_the_store_becomes_stored() -> None:
    assert State.STORED not in MOVES[State.RECEIVED] | MOVES[State.WAITING] | MOVES[State.REFUSED]
    assert is_move(State.UPLOADING, State.STORED)


def test_an_upload_in_doubt_is_never_refused_and_never_prepared_anew() -> None:
    assert not MOVES[State.UPLOADING] & {State.REFUSED, State.VALIDATED, State.RECEIVED}


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_the_table_says_yes_or_no_to_every_move(before: State, after: State) -> None:
    assert is_move(before, after) is (after in MOVES[before])


def test_reasons_are_codes_and_the_passing_ones_are_among_them() -> None:
    assert all(reason.value == reason.name.lower() for reason in Reason)
    assert set(Reason) > TRANSIENT_REASONS
    assert Reason.TRUNCATED not in TRANSIENT_REASONS


@given(st.integers(1, 10**9), st.floats(0, 1, exclude_max=True), LONG, LONG)
def test_a_pause_is_between_half_and_all_of_what_it_may_be(
    attempt: int, jitter: float, first: float, most: float
) -> None:
    pause = backoff_seconds(attempt, jitter, first=first, most=most)
    full = backoff_seconds(attempt, 1.0, first=first, most=most)
    assert full / 2 <= pause <= full <= most


@given(st.integers(1, 10**6), LONG, LONG)
def test_pauses_double_until_they_are_the_longest(attempt: int, first: float, most: float) -> None:
    now = backoff_seconds(attempt, 1.0, first=first, most=most)
    then = backoff_seconds(attempt + 1, 1.0, first=first, most=most)
    assert then == pytest.approx(min(most, 2 * now)) or then == now == pytest.approx(most)


def test_the_first_pauses_are_a_second_and_two_and_four() -> None:
    assert [backoff_seconds(attempt, 1.0) for attempt in (1, 2, 3, 20)] == [1, 2, 4, 300]


STANDING_ASIDE = (State.REFUSED, State.WAITING, State.REMOVED)

KNOWN = st.builds(
    KnownPhoto,
    state=st.sampled_from(State),
    reason=st.none() | st.sampled_from(Reason),
    failed_from=st.none() | st.sampled_from(sorted(MOVES[State.FAILED])),
    has_digest=st.booleans(),
)
FACTS = st.builds(
    ArrivalFacts,
    other_placement=st.booleans(),
    sku=st.booleans(),
    moved=st.booleans(),
    named_as_picture=st.booleans(),
)


@pytest.mark.parametrize(
    ("known", "after"),
    [
        (KnownPhoto(state=State.WAITING), State.RECEIVED),
        (KnownPhoto(state=State.FAILED, failed_from=State.UPLOADING), State.UPLOADING),
        (KnownPhoto(state=State.FAILED, failed_from=State.PREPARED), State.PREPARED),
        (KnownPhoto(state=State.REFUSED, reason=Reason.VANISHED), State.RECEIVED),
        (KnownPhoto(state=State.REFUSED, reason=Reason.VANISHED, has_digest=False), None),
        (KnownPhoto(state=State.FAILED, failed_from=State.RECEIVED, has_digest=False), None),
        (KnownPhoto(state=State.REFUSED, reason=Reason.TRUNCATED), None),
        (KnownPhoto(state=State.REMOVED), None),
        (KnownPhoto(state=State.STORED), None),
        (KnownPhoto(state=State.PREPARED), None),
    ],
)
def test_what_is_taken_up_again_because_it_arrived_again(
    known: KnownPhoto, after: State | None
) -> None:
    assert on_arrival(known, ArrivalFacts()).reopened is after


@pytest.mark.parametrize(
    ("reason", "named_as_picture", "again"),
    [
        (Reason.NOT_FOR_UPLOAD, True, True),
        (Reason.NOT_FOR_UPLOAD, False, False),
        (Reason.NOT_AN_IMAGE, True, False),
        (Reason.NOT_AN_IMAGE, False, True),
        (Reason.FORMAT_NOT_TAKEN, False, True),
        (Reason.TRUNCATED, False, False),
        (Reason.DAMAGED, True, False),
    ],
)
def test_what_is_no_picture_is_judged_again_under_a_name_that_says_otherwise(
    reason: Reason, named_as_picture: bool, again: bool
) -> None:
    known = KnownPhoto(state=State.REFUSED, reason=reason)
    decision = on_arrival(known, ArrivalFacts(named_as_picture=named_as_picture))
    assert decision.reopened is (State.RECEIVED if again else None)


@pytest.mark.parametrize(
    ("known", "after"),
    [
        (KnownPhoto(state=State.REFUSED, reason=Reason.TRUNCATED), State.RECEIVED),
        (KnownPhoto(state=State.REFUSED, reason=Reason.EMPTY, has_digest=False), None),
        (KnownPhoto(state=State.REMOVED), State.RECEIVED),
        (KnownPhoto(state=State.WAITING, reason=Reason.PRODUCT_UNKNOWN), State.RECEIVED),
        (KnownPhoto(state=State.FAILED, failed_from=State.VALIDATED), State.VALIDATED),
        (KnownPhoto(state=State.STORED), None),
        (KnownPhoto(state=State.UPLOADING), None),
    ],
)
def test_what_a_retry_takes_up_again(known: KnownPhoto, after: State | None) -> None:
    assert reopened_state(known) is after


@given(KNOWN)
def test_a_retry_is_a_move_of_the_table_and_touches_nothing_that_is_on_its_way_or_stored(
    known: KnownPhoto,
) -> None:
    after = reopened_state(known)
    if after is not None:
        assert is_move(known.state, after)
        assert known.state is State.FAILED or known.state in STANDING_ASIDE
    elif known.has_digest:
        assert known.state not in STANDING_ASIDE


@given(KNOWN, FACTS)
def test_an_arrival_never_sends_again_what_is_stored_or_was_deleted(
    known: KnownPhoto, facts: ArrivalFacts
) -> None:
    if known.state in (State.STORED, State.REMOVED):
        assert on_arrival(known, facts) == ArrivalDecision(take_path=facts.moved)


@given(KNOWN, FACTS)
def test_an_arrival_says_nothing_new_of_what_has_a_picture_already(
    known: KnownPhoto, facts: ArrivalFacts
) -> None:
    decision = on_arrival(known, facts)
    taken = (decision.take_placement, decision.take_sku)
    told = (facts.other_placement, facts.sku)
    assert taken == (told if known.state in NOT_SENT else (False, False))
    in_work = known.state in UNFINISHED_STATES - NOT_SENT
    assert decision.take_path is (facts.moved and not in_work)


@given(KNOWN, FACTS)
def test_an_arrival_makes_due_what_is_on_its_way_and_reopens_only_what_a_retry_would(
    known: KnownPhoto, facts: ArrivalFacts
) -> None:
    decision = on_arrival(known, facts)
    assert decision.due_now is (known.state in UNFINISHED_STATES)
    assert decision.reopened in (None, reopened_state(known))


@pytest.mark.parametrize(
    ("told", "known", "placed", "another"),
    [
        (None, None, True, False),
        (None, "SM-13", True, False),
        ("SM-13", "SM-13", True, False),
        ("SM-14", "SM-13", True, True),
        ("SM-14", None, True, True),
        ("SM-14", "SM-13", False, False),
    ],
)
def test_the_same_bytes_for_another_sku_are_another_photograph_once_the_product_is_known(
    told: str | None, known: str | None, placed: bool, another: bool
) -> None:
    assert is_another_photo(told_sku=told, known_sku=known, placed=placed) is another


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("reason", [None, *Reason])
def test_an_original_is_needed_wherever_it_is_taken_up_or_a_retry_may_end_otherwise(
    state: State, reason: Reason | None
) -> None:
    known = KnownPhoto(state=state, reason=reason, failed_from=State.RECEIVED)
    same_name = ArrivalFacts(named_as_picture=reason is not Reason.NOT_FOR_UPLOAD)
    decision = on_arrival(known, same_name)
    taken_up = state in UNFINISHED_STATES or decision.reopened is not None
    # With other limits, or on a day when the machine has more time for it.
    otherwise = {
        Reason.CANNOT_FIT,
        Reason.TOO_MANY_PIXELS,
        Reason.TOO_MANY_FRAMES,
        Reason.FILE_TOO_LARGE,
        Reason.TOO_SLOW,
        Reason.DECODER_CRASHED,
    }
    if taken_up or (state is State.REFUSED and reason in otherwise):
        assert needs_bytes(state, reason)
    if state in (State.STORED, State.REMOVED) or (
        state is State.REFUSED and reason in (Reason.DAMAGED, Reason.TRUNCATED, Reason.EMPTY)
    ):
        assert not needs_bytes(state, reason)
