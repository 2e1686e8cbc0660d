"""The rule by which a watched file is taken: no disk, and a clock that is a number."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.stamps import FileStamp
from pipeline.intake.watching.stability import (
    MOST_CANDIDATES,
    RESTLESS_SECONDS,
    STALLED,
    Candidate,
    Candidates,
    Waits,
)

ROOT = Path("/in")
PHOTO = ROOT / "a.jpg"
WAITS = Waits(quiet=2.0, quiet_closed=0.1, whole=120.0, turn=60.0)


def stamp(size: int, modified: int = 1) -> FileStamp:
    return FileStamp(size, modified, modified, 7)


def noticed(candidates: Candidates, now: float, *, closed: bool = False) -> Candidate:
    assert candidates.noticed(PHOTO, ROOT, now, closed=closed)
    ((_, one),) = due(candidates, now)
    return one


def due(candidates: Candidates, now: float, most: int = 10) -> list[tuple[Path, Candidate]]:
    return candidates.look_over(now, most).due


def test_a_file_is_taken_when_nothing_has_changed_for_the_whole_wait() -> None:
    candidates = Candidates()
    one = noticed(candidates, 0.0)
    assert not candidates.rested(one, stamp(10), WAITS, 0.0)
    assert due(candidates, 1.9) == []
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
    assert due(candidates, 0.2) == []
    assert not candidates.rested(one, stamp(10), WAITS, 1.0)
    assert candidates.rested(one, stamp(10), WAITS, 2.0)


def test_a_picture_that_is_not_whole_is_waited_for_and_proven_anew_until_a_set_time() -> None:
    candidates = Candidates()
    one = noticed(candidates, 0.0)
    candidates.rested(one, stamp(10), WAITS, 0.0)
    now, looks = 2.0, 0
    while not candidates.unfinished(one, WAITS, now):
        looks += 1
        assert due(candidates, one.look_at - 0.01) == []
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
    assert [path.name for path, _ in due(candidates, 0.0, 2)] == ["158_1.jpg", "158_9.jpg"]


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
        for _, one in due(candidates, now, 1):
            if candidates.rested(one, stamp(size), WAITS, now):
                rounding = 1e-9  # of sums of seconds
                assert now - changed_at >= WAITS.quiet_closed - rounding


def taken(candidates: Candidates, stamps: dict[Path, FileStamp], now: float) -> list[Path]:
    """Look at all that are due, as the watcher does; return those that have come to rest."""
    look, found = candidates.look_over(now, 100), list[Path]()
    for path, one in look.due:
        if candidates.rested(one, stamps[path], WAITS, now) and not look.holds_back(path, one):
            found.append(path)
        else:
            look.wait_for(path, one, now)
    return found


def test_files_of_a_folder_are_taken_in_order_where_the_first_has_to_wait_longer() -> None:
    candidates = Candidates()
    first, second, elsewhere = ROOT / "1.jpg", ROOT / "2.jpg", ROOT / "other" / "2.jpg"
    candidates.noticed(first, ROOT, 0.0, closed=False)
    for path in (second, elsewhere):
        candidates.noticed(path, ROOT, 0.0, closed=True)
    stamps = dict.fromkeys((first, second, elsewhere), stamp(10))
    assert taken(candidates, stamps, 0.0) == []
    assert taken(candidates, stamps, 0.2) == [elsewhere]
    candidates.drop(elsewhere)
    assert taken(candidates, stamps, 2.0) == [first, second]


def test_a_file_keeps_its_turn_while_it_grows_and_not_for_ever() -> None:
    candidates = Candidates()
    growing, after = ROOT / "1.jpg", ROOT / "2.jpg"
    candidates.noticed(growing, ROOT, 0.0, closed=False)
    candidates.noticed(after, ROOT, 0.0, closed=True)
    passed = []
    for tenth in range(700):
        now = tenth / 10
        if found := taken(candidates, {growing: stamp(tenth), after: stamp(1)}, now):
            passed.append((now, found))
            break
    assert passed == [(WAITS.turn + WAITS.quiet, [after])]


def test_a_file_that_stalls_loses_its_turn_sooner_and_that_is_told() -> None:
    candidates = Candidates()
    stalled, after = ROOT / "1.jpg", ROOT / "2.jpg"
    for path in (stalled, after):
        candidates.noticed(path, ROOT, 0.0, closed=True)
    stamps, told, now = {stalled: stamp(5), after: stamp(10)}, [], 0.0
    while now < WAITS.turn:
        look = candidates.look_over(now, 100)
        told += look.passed
        for path, one in look.due:
            whole = candidates.rested(one, stamps[path], WAITS, now)
            if whole and path == stalled:
                candidates.unfinished(one, WAITS, now)
                look.wait_for(path, one, now)
            elif whole and not look.holds_back(path, one):
                break
        else:
            now += 0.05
            continue
        break
    assert WAITS.turn / STALLED <= now < WAITS.turn / STALLED + 1
    assert told == [stalled]
