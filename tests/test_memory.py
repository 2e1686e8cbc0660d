"""Memory for pictures in hand, over all threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.errors import PhotoRefused
from pipeline.lifecycle import Reason
from pipeline.memory import Budget
from pipeline.prepare import render
from pipeline.spool import Spool
from pipeline.validate import check
from pipeline.values import EncodeSettings, Limits
from tests.prepare.rendering import original_of, photo


def test_never_more_is_held_than_there_is() -> None:
    budget = Budget(100)
    lock = threading.Lock()
    held, most = 0, 0

    def work(needed: int) -> None:
        nonlocal held, most
        with budget.reserve(needed):
            with lock:
                held += needed
                most = max(most, held)
            threading.Event().wait(0.001)
            with lock:
                held -= needed

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, [10, 60, 100, 45, 1, 99, 30, 70] * 6))
    assert held == 0
    assert 0 < most <= 100


def test_what_needs_more_than_there_is_is_refused_with_that_reason() -> None:
    with pytest.raises(PhotoRefused) as refused, Budget(1_000_000).reserve(2_500_000):
        pass
    assert refused.value.reason is Reason.NO_MEMORY
    assert "2.5 MB" in str(refused.value)


def test_what_is_free_is_had_without_waiting_but_before_nobody_who_waits() -> None:
    budget = Budget(100)

    def work() -> None:
        with budget.reserve(90):
            pass

    with budget.reserve_if_free(60) as held:
        assert held == 60
        with budget.reserve_if_free(60) as none:
            assert none == 0
        with budget.reserve_if_free(40) as rest:
            assert rest == 40
        waiting = threading.Thread(target=work, daemon=True)
        waiting.start()
        for _ in range(1000):
            with budget.reserve_if_free(1) as behind:
                if behind == 0:
                    break
            threading.Event().wait(0.01)
        assert behind == 0, "it went before one that waits"
    waiting.join(10)
    assert not waiting.is_alive()
    with budget.reserve_if_free(100) as everything:
        assert everything == 100


def test_a_failure_gives_the_memory_back() -> None:
    budget = Budget(10)
    for _ in range(3):
        with pytest.raises(ValueError, match="broken"), budget.reserve(10):
            raise ValueError("broken")


def test_threads_render_at_the_same_time_and_get_what_one_alone_gets(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    photo(1200, 900).save(path, quality=95)
    limits = Limits(longest_side=500)
    original = original_of(path)
    inspection = check(original, limits)
    spool = Spool(tmp_path / "spool")
    budget = Budget(100_000_000)

    def one(_: int) -> str:
        return render(original, inspection, limits, EncodeSettings(), spool, budget).sha256

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(one, range(8)))) == 1
