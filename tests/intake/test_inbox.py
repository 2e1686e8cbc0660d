from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.home import INBOX_FOLDER
from pipeline.hook import inbox
from pipeline.hook.call import note_down
from pipeline.intake import arrival_of, take_in_inbox
from pipeline.values import Arrival, Door, Photo
from tests.hook.entries import entries


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    path = tmp_path / "shoot" / "IMG_0001.JPG"
    path.parent.mkdir()
    path.write_bytes(b"a photograph")
    return path


def test_an_entry_becomes_an_arrival_with_what_was_said_of_its_product() -> None:
    fields = {"path": "/shoot/1/a.jpg", "root": "/shoot", "seen": "86400.5"}
    arrival = arrival_of(fields)
    assert arrival == Arrival(
        path=Path("/shoot/1/a.jpg"),
        root=Path("/shoot"),
        door=Door.HOOK,
        seen_at=datetime(1970, 1, 2, 0, 0, 0, 500_000, UTC),
    )
    assert arrival_of({**fields, "product": "158"}).product_id == 158
    said = arrival_of({**fields, "sku": "SM-13", "table": "1"})
    assert (said.sku, said.from_current_product) == ("SM-13", True)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"path": "/a.jpg", "root": "/"}, KeyError),
        ({"path": "/a.jpg", "root": "/", "seen": "just now"}, ValueError),
        ({"path": "/a.jpg", "root": "/", "seen": "1", "product": "SM-13"}, ValueError),
    ],
)
def test_an_entry_that_makes_no_sense_is_none(
    fields: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        arrival_of(fields)


def test_entries_are_taken_in_the_order_of_the_shots_and_go_when_they_are_taken(
    tmp_path: Path, shot: Path
) -> None:
    home = tmp_path / "home"
    shots = [shot.with_name(f"{letter}.jpg") for letter in "cab"]
    for one in shots:
        one.write_bytes(b"a photograph")
    note_down(str(home), [str(one) for one in shots], {"sku": "SM-13"})
    seen: list[Path] = []

    def never(arrival: Arrival) -> Photo | None:
        seen.append(arrival.path)
        return None

    take_in_inbox(home, never)
    assert seen == shots
    taken = take_in_inbox(home, never, over=lambda: True)
    assert (taken, seen, len(entries(home))) == (0, shots, 3)


def test_an_entry_lies_on_until_its_photograph_is_in_the_ledger(tmp_path: Path, shot: Path) -> None:
    home = tmp_path / "home"
    note_down(str(home), [str(shot)], {"sku": "SM-13"})

    def not_ready(arrival: Arrival) -> Photo | None:
        return None

    def breaks(arrival: Arrival) -> Photo | None:
        raise RuntimeError

    assert take_in_inbox(home, not_ready) == 0
    with pytest.raises(RuntimeError):
        take_in_inbox(home, breaks)
    assert len(entries(home)) == 1


def test_an_entry_that_cannot_be_read_is_put_aside_and_stops_nobody(
    tmp_path: Path, shot: Path
) -> None:
    home = tmp_path / "home"
    Path(inbox.add_entry(str(home), {"what": "is this"})).touch()
    note_down(str(home), [str(shot)], {"sku": "SM-13"})
    seen: list[Path] = []

    def note(arrival: Arrival) -> Photo | None:
        seen.append(arrival.path)
        return None

    take_in_inbox(home, note)
    assert seen == [shot]
    assert len(entries(home)) == 1
    assert [path.name[:12] for path in (home / INBOX_FOLDER).glob(".unreadable*")] == [
        ".unreadable-"
    ]
