"""As many threads as there is work for."""

from __future__ import annotations

import threading

import pytest

from pipeline.engine import crew as crew_module
from pipeline.engine.crew import Crew
from tests.stories.commands import until


class Work:
    """Work that goes on until it is over, for so many threads at once."""

    def __init__(self, pieces: int) -> None:
        self.pieces = pieces
        self.over = threading.Event()
        self.enough = threading.Event()
        self.lock = threading.Lock()
        self.at_work = 0

    def do(self, crew: Crew) -> None:
        while not self.over.is_set():
            with self.lock:
                taken = self.pieces > 0
                self.pieces -= taken
            if taken:
                with crew.at_work():
                    with self.lock:
                        self.at_work += 1
                    self.enough.wait(60)
            elif crew.may_leave():
                return
            else:
                self.over.wait(0.01)

    def end(self) -> None:
        """Have every thread end."""
        self.over.set()
        self.enough.set()


def crew_of(work: Work, most: int, wanted: int) -> Crew:
    crew = Crew(work.do, most, lambda: wanted)
    crew.begin()
    return crew


@pytest.mark.parametrize(
    ("pieces", "most", "wanted", "threads"),
    [
        (0, 16, 16, 3),
        (2, 16, 16, 3),
        (8, 16, 16, 9),
        (30, 16, 30, 16),
        (30, 16, 7, 7),
        (9, 1, 9, 1),
    ],
)
def test_there_is_one_thread_more_than_has_work_as_far_as_that_is_of_use(
    monkeypatch: pytest.MonkeyPatch, pieces: int, most: int, wanted: int, threads: int
) -> None:
    # However long this thread is kept from looking.
    monkeypatch.setattr(crew_module, "STAYS_SECONDS", 600.0)
    work = Work(pieces)
    crew = crew_of(work, most, wanted)
    until(lambda: len(crew.threads) == threads and work.at_work == min(pieces, threads))
    work.end()


def test_what_was_added_leaves_when_there_has_been_no_work_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crew_module, "STAYS_SECONDS", 0.05)
    work = Work(8)
    crew = crew_of(work, 16, 16)
    until(lambda: work.at_work == 8)
    work.enough.set()
    until(lambda: len(crew.threads) == 3)
    work.end()


def test_none_is_added_once_it_is_closed() -> None:
    work = Work(0)
    crew = crew_of(work, 16, 16)
    crew.close()
    work.pieces = 10
    until(lambda: work.at_work == 3)
    assert len(crew.threads) == 3
    work.end()
