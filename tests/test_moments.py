"""The moments that people mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.moments import moves_on, said_moment

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "before"),
    [("90min", 1.5), ("2h", 2), (" 2 H ", 2), ("3d", 72), ("1w", 168)],
)
def test_a_span_ends_now(text: str, before: float) -> None:
    assert said_moment(text, NOW) == NOW - timedelta(hours=before)


def test_a_date_begins_at_midnight_here_and_a_time_may_name_its_zone() -> None:
    midnight = datetime(2026, 11, 1).astimezone()
    assert said_moment("2026-11-01", NOW) == midnight
    assert said_moment("2026-11-01 14:30", NOW) == midnight.replace(hour=14, minute=30)
    assert said_moment("2026-11-01T14:30Z", NOW) == datetime(2026, 11, 1, 14, 30, tzinfo=UTC)
    today = said_moment("today", NOW)
    assert (today.hour, today.minute) == (0, 0)
    assert today <= NOW
    assert today - said_moment("yesterday", NOW) == timedelta(days=1)


@pytest.mark.parametrize("text", ["", "soon", "last week", "2026-13-01", "2", "-2h", "1e9h"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - ours and the library's
        said_moment(text, NOW)


def test_a_day_and_a_span_mean_another_moment_each_time() -> None:
    assert [moves_on(text) for text in ("today", "2h", "2026-11-01")] == [True, True, False]
