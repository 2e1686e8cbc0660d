"""The rule by which a watched file is taken: no disk, and a clock that is a number."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.watching.stability import (
    IN_TURN_SECONDS,
    MOST_CANDIDATES,
    RESTLESS_SECONDS,
    Candidate,
    Candidates,
    FileStamp,
    Waits,
)

ROOT = Path("/in")
PHOTO = ROOT / "a.jpg"
WAITS = Waits(quiet=2.0, quiet_closed=0.1, whole=120.0)


def stamp(size: int, modified: int = 1) -> FileStamp:
    return FileStamp(size, modified, modified, 7)


def noticed(candidates: Candidates, now: float, *, closed: bool = False) -> Candidate:
    assert candidates.noticed(PHOTO, ROOT, now, closed=closed)
    ((_, one),) = candidates.due(now, 10)
    return one


def test_a_file_is_taken_when_nothing_has_changed_for_the_whole_wait() -> None:
    candidates = Candidates()
    one = noticed(candidates, 0.0)
    assert not candidates.rested(one, stamp(10), WAITS, 0.0)
    assert candidates.due(1.9, 10) == []
    assert not candidates.rested(one, stamp(10), WAITS, 1.9)
    assert candidates.rested(one, stamp(10), WAITS, 2.0)


def test_every_change_begins_the_wait_anew() -> None:
    candidates = Candidates()
    one = noticed(candidates, 0.0)
    for second in range(10):
        assert not candidates.rested(one, stamp(second), WAITS, float(second))
    assert not candidates.rested(one, stamp(9), WAITS, 10.9)
    assert candidates.rested(one, stamp(9), WAITS, 11.0)


def test_a_change_that_keeps_the_size_is_a_change() -> None:
    candidates = Candidates()
    one = noticed(candidates, 0.0)
    candidates.rested(one, stamp(10, modified=1), WAITS, 0.0)
    assert not candidates.rested(one, stamp(10, modified=2), WAITS, 2.0)
    assert candidates.rested(one, stamp(10, modified=2), WAITS, 4.0)


def test_a_closed_file_is_waited_for_shortly() -> None:
    candidates = Candidates()
    one = noticed(candidates, 0.0)
    candidates.rested(one, stamp(1), WAITS, 0.0)
    noticed(candidates, 5.0, closed=True)
    assert not candidates.rested(one, stamp(10), WAITS, 5.0)
    assert candidates.rested(one, stamp(10), WAITS, 5.1)


def test_a_file_that_changes_after_it_was_closed_is_waited_for_in_full() -> None:
    candidates = Candidates()
    one = noticed(candidates, 0.0, closed=True)
    candidates.rested(one, stamp(10), WAITS, 0.0)
    assert not candidates.rested(one, stamp(11), WAITS, 0.1)
    assert not candidates.rested(one, stamp(11), WAITS, 0.5)
    assert candidates.rested(one, stamp(11), WAITS, 2.1)


def test_a_file_that_somebody_may_write_to_is_not_taken_though_it_was_closed() -> None:
    candidates = Candidates()
    one = noticed(candidates, 0.0, closed=True)
    candidates.rested(one, stamp(10), WAITS, 0.0)
    assert candidates.rested(one, stamp(10), WAITS, 0.1)
    candidates.busy(one, WAITS, 0.1)
    assert candidates.due(0.2, 10) == []
    assert not candidates.rested(one, stamp(10), WAITS, 1.0)
    assert candidates.rested(one, stamp(10), WAITS, 2.0)


def test_a_picture_that_is_not_whole_is_waited_for_and_proven_anew_until_a_set_time() -> None:
    candidates = Candidates()
    one = noticed(candidates, 0.0)
    candidates.rested(one, stamp(10), WAITS, 0.0)
    now, looks = 2.0, 0
    while not candidates.unfinished(one, WAITS, now):
        looks += 1
        assert candidates.due(one.look_at - 0.01, 10) == []
        now = one.look_at
        assert candidates.rested(one, stamp(10), WAITS, now)
    assert now == 120.0
    assert 10 < looks < 25


def test_data_that_arrives_begins_the_wait_for_the_whole_anew() -> None:
    candidates = Candidates()
    one = noticed(candidates, 0.0)
    candidates.rested(one, stamp(10), WAITS, 0.0)
    assert not candidates.unfinished(one, WAITS, 119.0)
    candidates.rested(one, stamp(11), WAITS, 119.5)
    assert not candidates.unfinished(one, WAITS, 230.0)
    assert candidates.unfinished(one, WAITS, 239.5)


def test_files_are_looked_at_in_the_order_in_which_people_count() -> None:
    candidates = Candidates()
    for name in ("158_10.jpg", "158_9.jpg", "158_1.jpg"):
        candidates.noticed(ROOT / name, ROOT, 0.0, closed=True)
    assert [path.name for path, _ in candidates.due(0.0, 2)] == ["158_1.jpg", "158_9.jpg"]


def test_there_is_room_for_so_many_and_no_more() -> None:
    candidates = Candidates()
    for number in range(MOST_CANDIDATES):
        assert candidates.noticed(ROOT / str(number), ROOT, 0.0, closed=False)
    assert candidates.full
    assert not candidates.noticed(PHOTO, ROOT, 0.0, closed=False)
    assert candidates.noticed(ROOT / "7", ROOT, 0.0, closed=True)
    candidates.drop(ROOT / "7")
    assert candidates.noticed(PHOTO, ROOT, 0.0, closed=False)
    assert PHOTO in candidates
    assert len(candidates) == MOST_CANDIDATES


def test_a_file_that_never_comes_to_rest_is_reported_once() -> None:
    candidates = Candidates()
    noticed(candidates, 0.0)
    assert candidates.restless(RESTLESS_SECONDS) == []
    assert candidates.restless(RESTLESS_SECONDS + 1) == [PHOTO]
    assert candidates.restless(RESTLESS_SECONDS + 2) == []


@given(
    st.lists(st.tuples(st.floats(0.01, 3.0), st.booleans(), st.booleans()), min_size=1, max_size=40)
)
def test_whatever_happens_no_file_is_taken_that_changed_within_the_shortest_wait(
    steps: list[tuple[float, bool, bool]],
) -> None:
    candidates, now, size, changed_at = Candidates(), 0.0, 0, 0.0
    candidates.noticed(PHOTO, ROOT, now, closed=False)
    for seconds, changes, closed in steps:
        now += seconds
        if changes:
            size, changed_at = size + 1, now
        if closed:
            candidates.noticed(PHOTO, ROOT, now, closed=True)
        for _, one in candidates.due(now, 1):
            if candidates.rested(one, stamp(size), WAITS, now):
                rounding = 1e-9  # of sums of seconds
                assert now - changed_at >= WAITS.quiet_closed - rounding


def test_files_of_a_folder_are_taken_in_order_where_the_first_has_to_wait_longer() -> None:
    candidates = Candidates()
    first, second, elsewhere = ROOT / "1.jpg", ROOT / "2.jpg", ROOT / "other" / "2.jpg"
    candidates.noticed(first, ROOT, 0.0, closed=False)
    for path in (second, elsewhere):
        candidates.noticed(path, ROOT, 0.0, closed=True)
    looked = candidates.due(0.0, 10)
    assert [path for path, _ in looked] == [first, second, elsewhere]
    for _, one in looked:
        assert not candidates.rested(one, stamp(10), WAITS, 0.0)
    assert [path for path, _ in candidates.due(0.2, 10)] == [elsewhere]
    assert [path for path, _ in candidates.due(2.0, 10)] == [first, second, elsewhere]


def test_a_file_that_goes_on_growing_holds_back_those_after_it_for_a_short_while_only() -> None:
    candidates = Candidates()
    growing, after = ROOT / "1.jpg", ROOT / "2.jpg"
    candidates.noticed(growing, ROOT, 0.0, closed=False)
    candidates.noticed(after, ROOT, 0.0, closed=True)
    (_, one_growing), (_, one_after) = candidates.due(0.0, 10)
    for one in (one_growing, one_after):
        candidates.rested(one, stamp(0), WAITS, 0.0)
    for second in range(1, int(IN_TURN_SECONDS)):
        candidates.rested(one_growing, stamp(second), WAITS, float(second))
        assert candidates.due(float(second), 10) == []
    assert [path for path, _ in candidates.due(IN_TURN_SECONDS, 10)][-1] == after
