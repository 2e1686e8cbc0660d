from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.errors import LedgerError
from pipeline.home import INBOX_FOLDER
from pipeline.hook import inbox
from pipeline.hook.call import note_down
from pipeline.intake import arrival_of, take_in_awaited, take_in_inbox
from pipeline.intake.inbox import MOST_AT_ONCE, Submit
from pipeline.lifecycle import Reason, State
from pipeline.values import Arrival, Door, Photo
from tests import posix
from tests.hook.entries import entries
from tests.report.photos import photo


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    path = tmp_path / "shoot" / "IMG_0001.JPG"
    path.parent.mkdir()
    path.write_bytes(b"a photograph")
    return path


def each(submit: Callable[[Arrival], Photo | None]) -> Submit:
    """Return what submits arrivals one by one."""
    return lambda arrivals: [submit(arrival) for arrival in arrivals]


def test_an_entry_becomes_an_arrival_with_what_was_said_of_its_product() -> None:
    fields = {"path": "/shoot/1/a.jpg", "root": "/shoot", "seen": "86400.5"}
    arrival = arrival_of(fields)
    assert arrival == Arrival(
        path=Path("/shoot/1/a.jpg"),
        root=Path("/shoot"),
        door=Door.HOOK,
        seen_at=datetime(1970, 1, 2, 0, 0, 0, 500_000, UTC),
        in_haste=True,
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

    take_in_inbox(home, each(never))
    assert seen == shots
    taken = take_in_inbox(home, each(never), over=lambda: True)
    assert (taken, seen, len(entries(home))) == (0, shots, 3)


def test_an_entry_lies_on_until_its_photograph_is_in_the_ledger(tmp_path: Path, shot: Path) -> None:
    home = tmp_path / "home"
    note_down(str(home), [str(shot)], {"sku": "SM-13"})

    def not_ready(arrival: Arrival) -> Photo | None:
        return None

    def breaks(arrival: Arrival) -> Photo | None:
        raise LedgerError("the disk is full")

    assert take_in_inbox(home, each(not_ready)) == 0
    with pytest.raises(LedgerError):
        take_in_inbox(home, each(breaks))
    assert len(entries(home)) == 1


def _pipe(place: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    posix.mkfifo(place)


def _socket(place: Path) -> None:
    if not hasattr(socket, "AF_UNIX"):
        pytest.skip("this system has no such sockets")
    here = Path.cwd()
    os.chdir(place.parent)  # the address of a socket must be short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(place.name)
    finally:
        os.chdir(here)


def _enormous(place: Path) -> None:
    with place.open("wb") as file:
        file.truncate(1 << 40)


STRANGE: dict[str, Callable[[Path], object]] = {
    "a named pipe": _pipe,
    "a socket": _socket,
    "a folder": Path.mkdir,
    "an empty file": Path.touch,
    "a file of a terabyte": _enormous,
    "a link to nothing": lambda place: place.symlink_to("/nowhere/at/all"),
    "a link to itself": lambda place: place.symlink_to(place),
    "a link to an endless file": lambda place: place.symlink_to("/dev/zero"),
    "no entry": lambda place: place.write_bytes(b"\xff\xfe what is this? \0=\0\0"),
    "no time": lambda place: place.write_bytes(b"path=/a.jpg\0root=/\0seen=yesterday\0"),
    "no number": lambda place: place.write_bytes(b"path=/a.jpg\0root=/\0seen=nan\0"),
    "a time beyond all": lambda place: place.write_bytes(b"path=/a.jpg\0root=/\0seen=1e400\0"),
    "a year beyond all": lambda place: place.write_bytes(b"path=/a.jpg\0root=/\0seen=1e18\0"),
    "an id that is no number": lambda place: place.write_bytes(
        b"path=/a.jpg\0root=/\0seen=1\0product=SM-13\0"
    ),
}


@pytest.mark.parametrize("make", STRANGE.values(), ids=STRANGE)
@pytest.mark.parametrize("name", ["0", "zzz"])
def test_what_is_no_entry_is_set_aside_with_its_reason_and_stops_no_other(
    tmp_path: Path, shot: Path, make: Callable[[Path], object], name: str
) -> None:
    home = tmp_path / "home"
    note_down(str(home), [str(shot)], {"sku": "SM-13"})
    make(home / INBOX_FOLDER / name)
    seen: list[Path] = []

    def note(arrival: Arrival) -> Photo | None:
        seen.append(arrival.path)
        return None

    take_in_inbox(home, each(note))
    assert seen == [shot]
    assert len(entries(home)) == 1
    ((path, reason),) = inbox.entries_set_aside(str(home))
    assert Path(path).name == name
    assert reason.startswith("it makes no sense as a note of a shot (")


def test_one_over_which_the_program_stumbles_is_set_aside_and_stops_no_other(
    tmp_path: Path, shot: Path
) -> None:
    home = tmp_path / "home"
    others = [shot.with_name(name) for name in ("1.jpg", "2.jpg", "3.jpg")]
    for one in others:
        one.write_bytes(b"a photograph")
    note_down(str(home), [str(one) for one in others], {"sku": "SM-13"})
    seen: list[Path] = []

    def stumbles(arrival: Arrival) -> Photo | None:
        if arrival.path == others[1]:
            raise FileNotFoundError("whatever")
        seen.append(arrival.path)
        return None

    take_in_inbox(home, each(stumbles))
    take_in_inbox(home, each(stumbles))
    assert list(dict.fromkeys(seen)) == [others[0], others[2]], "more often, but no other"
    assert len(inbox.entries_set_aside(str(home))) == 1


def test_what_an_earlier_version_set_aside_is_told_of(tmp_path: Path) -> None:
    entry = Path(inbox.add_entry(str(tmp_path), {"what": "is this"}))
    earlier = entry.rename(entry.with_name(f".unreadable-{entry.name}"))
    assert inbox.entries_set_aside(str(tmp_path)) == [(str(earlier), "it cannot be read")]


@pytest.mark.parametrize("product", ["00123456789012345675210", "2147483648", "0", "9" * 5000])
def test_a_number_that_no_product_can_have_is_taken_for_a_sku(product: str) -> None:
    fields = {"path": "/shoot/1/a.jpg", "root": "/shoot", "seen": "1", "product": product}
    arrival = arrival_of(fields)
    assert (arrival.product_id, arrival.sku) == (None, product)


JPEG = b"\xff\xd8\xff a photograph"


def taken(seen: list[Arrival]) -> Submit:
    """Return what takes every arrival, and reads what is to be read of it."""

    def submit(arrival: Arrival) -> Photo | None:
        assert arrival.copy is None or arrival.copy.read_bytes() == JPEG
        seen.append(arrival)
        return a_photo()

    return each(submit)


def a_photo(sha256: str = "0" * 64, reason: Reason | None = None) -> Photo:
    state = State.RECEIVED if reason is None else State.REFUSED
    return photo("/shoot/a.jpg", state, "it is so", sha256=sha256, reason=reason)


@pytest.fixture
def noted(tmp_path: Path, shot: Path) -> tuple[Path, Path]:
    """A home in which a shot is noted down with its copy, and the copy."""
    shot.write_bytes(JPEG)
    ((entry, _),) = note_down(str(tmp_path / "home"), [str(shot)], {"sku": "SM-13"})
    shot.write_bytes(b"the next shot")
    return tmp_path / "home", Path(inbox.copy_of(entry))


def test_a_shot_comes_with_its_copy_which_goes_with_the_entry(noted: tuple[Path, Path]) -> None:
    home, copy = noted
    seen: list[Arrival] = []
    assert take_in_inbox(home, each(lambda _: None)) == 0
    assert take_in_inbox(home, taken(seen)) == 1
    assert [arrival.copy for arrival in seen] == [copy]
    assert list((home / INBOX_FOLDER).iterdir()) == []


def test_what_another_process_has_just_taken_in_is_not_looked_for_at_its_path(
    noted: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    home, copy = noted
    seen: list[Arrival] = []
    real = inbox.read_entry

    def read_too_late(entry: str) -> dict[str, str]:
        fields = real(entry)
        inbox.remove_entry(entry)
        return fields

    monkeypatch.setattr("pipeline.intake.inbox.read_entry", read_too_late)
    assert take_in_inbox(home, taken(seen)) == 0
    assert seen == []
    assert not copy.exists()


def test_whoever_waits_for_its_shot_takes_it_in_too_where_another_one_was_quicker(
    tmp_path: Path, shot: Path
) -> None:
    home = tmp_path / "home"
    shot.write_bytes(JPEG)
    ((entry, fields),) = note_down(str(home), [str(shot)], {"sku": "SM-13"}, awaited=True)
    shot.write_bytes(b"the next shot")
    seen: list[Arrival] = []
    assert take_in_inbox(home, taken(seen)) == 1
    assert entries(home) == []
    assert not take_in_awaited(Path(entry), fields, each(lambda _: None))
    assert take_in_awaited(Path(entry), fields, taken(seen))
    assert [arrival.copy for arrival in seen] == 2 * [Path(inbox.copy_of(entry))]
    assert list((home / INBOX_FOLDER).iterdir()) == []


def test_one_that_is_set_aside_keeps_its_copy(noted: tuple[Path, Path]) -> None:
    home, copy = noted

    def stumbles(arrival: Arrival) -> Photo | None:
        raise RuntimeError("a defect")

    take_in_inbox(home, each(stumbles))
    ((_, reason),) = inbox.entries_set_aside(str(home))
    assert reason.endswith(f"; the photograph is in {copy}")
    assert copy.read_bytes() == JPEG


@pytest.mark.parametrize("overwritten", [True, False])
def test_a_shot_that_could_not_be_copied_and_was_overwritten_is_told_of(
    tmp_path: Path, shot: Path, overwritten: bool, caplog: pytest.LogCaptureFixture
) -> None:
    stamp = inbox.stamp_of(str(shot))
    fields = {"path": str(shot), "root": str(shot.parent), "seen": "1", "uncopied": stamp}
    inbox.add_entry(str(tmp_path / "home"), fields)
    if overwritten:
        shot.write_bytes(b"the next shot, which is another")
    take_in_inbox(tmp_path / "home", taken([]))
    told = f"{shot} could not be copied when it was shot, and was overwritten"
    assert (told in caplog.text) == overwritten


@pytest.mark.parametrize("reason", [Reason.UNREADABLE, Reason.EMPTY])
def test_a_copy_that_could_not_be_read_is_set_aside_with_its_entry_unless_it_tells_nothing(
    noted: tuple[Path, Path], reason: Reason
) -> None:
    home, copy = noted
    assert take_in_inbox(home, each(lambda _: a_photo("", reason))) == 1
    lasting = reason is Reason.UNREADABLE
    assert copy.exists() == lasting
    assert len(inbox.entries_set_aside(str(home))) == lasting


def test_many_entries_are_taken_in_together_and_go_only_when_they_are_written_down(
    tmp_path: Path, shot: Path
) -> None:
    home = tmp_path / "home"
    shots = [shot.with_name(f"{number:03d}.jpg") for number in range(MOST_AT_ONCE + 5)]
    for one in shots:
        one.write_bytes(b"a photograph")
    note_down(str(home), [str(one) for one in shots], {"sku": "SM-13"})
    together: list[list[Path]] = []
    left: list[int] = []

    def submit(arrivals: Iterable[Arrival]) -> Sequence[Photo | None]:
        before = len(entries(home))
        paths = [arrival.path for arrival in arrivals]
        left.append(before - len(entries(home)))
        together.append(paths)
        return [None if path == shots[3] else a_photo() for path in paths]

    assert take_in_inbox(home, submit) == len(shots) - 1
    assert [path for some in together for path in some] == shots
    assert max(map(len, together)) > 1
    assert set(left) == {0}, "none is gone while the others are looked at"
    assert len(entries(home)) == 1, "the one that was not ready"


def test_each_shot_is_looked_at_when_the_one_before_has_been_read(
    tmp_path: Path, shot: Path
) -> None:
    home = tmp_path / "home"
    other = shot.with_name("other.jpg")
    for one in (shot, other):
        one.write_bytes(b"a photograph")
    noted = note_down(str(home), [str(shot), str(other)], {"sku": "SM-13"})
    seen: list[Path] = []

    def submit(arrivals: Iterable[Arrival]) -> Sequence[Photo | None]:
        for arrival in arrivals:
            seen.append(arrival.path)
            # Another process takes the next one in meanwhile.
            inbox.remove_entry(noted[1][0])
        return [a_photo() for _ in seen]

    assert take_in_inbox(home, submit) == 1
    assert seen == [shot]
