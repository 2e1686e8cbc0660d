"""What is learned of programs that write into a file again after they have closed it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from pipeline.home import HABITS_FILE, PRIVATE_FILE
from pipeline.intake.watching.habits import (
    AGAIN_SECONDS,
    ALIKE,
    FORGET_AFTER,
    MARGIN,
    MOST_FILES,
    MOST_FOLDERS,
    Habits,
    keep_habits,
    kept_habits,
)

FOLDER = Path("/in/SM-13")
SHOT = FOLDER / "1.jpg"


def written_again(habits: Habits, folder: Path, pause: float) -> bool:
    assert not habits.written(folder / "1.jpg", 100.0)
    return habits.written(folder / "1.jpg", 100.0 + pause)


def test_a_folder_in_which_nobody_writes_again_needs_no_rest() -> None:
    habits = Habits()
    for number in range(100):
        assert not habits.written(FOLDER / f"{number}.jpg", number / 100)
        assert not habits.taken(FOLDER / f"{number}.jpg", number / 100, number / 100 + 0.1)
    assert habits.rest_needed(FOLDER) is None


def test_a_folder_needs_the_pause_that_was_seen_and_some_more() -> None:
    habits = Habits()
    assert written_again(habits, FOLDER, 2.0)
    assert habits.rest_needed(FOLDER) == MARGIN * 2.0
    assert habits.rest_needed(Path("/in/SM-14")) is None
    assert not habits.written(SHOT, 105.0), "it is no news"
    assert habits.rest_needed(FOLDER) == MARGIN * 3.0


def test_a_version_of_later_is_no_last_touch() -> None:
    habits = Habits()
    assert not written_again(habits, FOLDER, AGAIN_SECONDS + 0.1)
    assert habits.rest_needed(FOLDER) is None


def test_one_that_is_written_after_it_was_taken_teaches_where_nobody_tells_of_a_close() -> None:
    habits = Habits()
    assert not habits.taken(SHOT, 0.0, 2.0)
    assert habits.taken(SHOT, 3.0, 5.0)
    assert habits.rest_needed(FOLDER) == MARGIN * 1.0


def test_long_pauses_fade_and_a_habit_that_shows_no_more_is_forgotten() -> None:
    habits = Habits()
    written_again(habits, FOLDER, 4.0)
    for number in range(30):
        habits.learn(FOLDER, 0.1 * (number % 2))
    rest = habits.rest_needed(FOLDER)
    assert rest is not None
    assert rest < MARGIN
    for number in range(FORGET_AFTER + 1):
        assert habits.rest_needed(FOLDER) is not None
        habits.taken(FOLDER / f"{number}.jpg", 200.0, 200.1)
    assert habits.rest_needed(FOLDER) is None


def test_what_is_done_in_folder_after_folder_is_done_in_the_next() -> None:
    habits = Habits()
    for number in range(ALIKE):
        assert habits.rest_needed(Path("/in/next")) is None
        written_again(habits, Path(f"/in/SM-{number}"), 1.0)
    assert habits.rest_needed(Path("/in/next")) == 0.0
    assert habits.rest_needed(Path("/elsewhere/next")) is None


def test_a_habit_of_many_folders_is_forgotten_where_new_ones_do_not_show_it() -> None:
    habits = Habits()
    for number in range(ALIKE + 2):
        written_again(habits, Path(f"/in/SM-{number}"), 1.0)
    for number in range(FORGET_AFTER + 1):
        assert habits.rest_needed(Path(f"/in/next-{number}")) == 0.0
        habits.taken(Path(f"/in/next-{number}/1.jpg"), 200.0, 200.1)
    assert habits.rest_needed(Path("/in/next")) is None
    assert habits.known() == []


def test_what_was_learned_is_known_at_the_next_start(tmp_path: Path) -> None:
    habits, odd = Habits(), Path(os.fsdecode(b"/in/caf\xe9"))
    written_again(habits, FOLDER, 2.0)
    written_again(habits, odd, 0.5)
    keep_habits(tmp_path, habits)
    assert kept_habits(tmp_path).known() == [(FOLDER, 2.0), (odd, 0.5)]
    assert stat.S_IMODE((tmp_path / HABITS_FILE).stat().st_mode) == PRIVATE_FILE


@pytest.mark.parametrize("content", ["", "{", "7", '{"a": 1}', "[7]", '[["/in", "x"]]', "[[7, 1]]"])
def test_what_is_no_list_of_habits_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / HABITS_FILE).write_text(content)
    assert kept_habits(tmp_path).known() == []


def test_where_the_home_cannot_be_written_nothing_is_kept(tmp_path: Path) -> None:
    habits = Habits()
    written_again(habits, FOLDER, 2.0)
    keep_habits(tmp_path / "gone", habits)
    assert kept_habits(tmp_path / "gone").known() == []


def test_what_is_kept_is_bounded() -> None:
    habits = Habits()
    for number in range(MOST_FOLDERS + 10):
        written_again(habits, Path(f"/{number}/in"), 1.0)
    assert habits.rest_needed(Path("/9/in")) is None
    assert habits.rest_needed(Path("/10/in")) is not None
    for number in range(MOST_FILES):
        habits.written(FOLDER / str(number), 1000.0)
    assert not habits.written(Path("/20/in/1.jpg"), 101.5), "it is no longer known"
