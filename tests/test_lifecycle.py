from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ledger.sqlite import open_ledger
from pipeline.lifecycle import (
    FINAL_STATES,
    MOVES,
    TRANSIENT_REASONS,
    UNFINISHED_STATES,
    Reason,
    State,
    backoff_seconds,
    is_move,
)
from tests.makers import ManualClock

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


def test_the_ledgers_table_takes_these_states_and_no_other(tmp_path: Path) -> None:
    open_ledger(tmp_path / "ledger.sqlite3", "shop", "run", ManualClock().now).close()
    connection = sqlite3.connect(tmp_path / "ledger.sqlite3", isolation_level=None)
    insert = (
        "INSERT INTO photos (id, store, product_id, sha256, size, path, root, rank, state, "
        "sentence, picture, image_id, received_at, changed_at) "
        "VALUES (?, 'shop', 1, ?, 1, x'00', x'00', '', ?, '', '{}', 7, '', '')"
    )
    try:
        for state in State:
            connection.execute(insert, (state.value, state.value, state.value))
        for wrong in ("", "Stored", "done", "STORED "):
            with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
                connection.execute(insert, (wrong, wrong, wrong))
    finally:
        connection.close()


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
