"""What every ledger promises of files that are known without being read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.claimable import ANYBODYS
from pipeline.errors import NotReady
from pipeline.ledger import Ledger
from pipeline.lifecycle import Reason, State
from pipeline.values import Arrival, Original, Photo, Receipt, Step
from tests.contract.ledgers import KINDS
from tests.contract.steps import take, to_stored
from tests.makers import (
    ManualClock,
    arrival,
    inspection,
    original,
    picture,
    placement,
    stored_image,
)

PLACE = Path("/158/a.jpg")
SEEN = "12:5:6:7"


def seen(path: Path = PLACE, *, product: int | None = None, sku: str | None = None) -> Arrival:
    return replace(arrival(path, product_id=product, sku=sku), stamp=SEEN)


def read(
    path: Path = PLACE,
    content: bytes = b"a photograph",
    *,
    product: int | None = None,
    sku: str | None = None,
) -> Original:
    return replace(original(path, content, product_id=product, sku=sku), stamp=SEEN)


@pytest.fixture
def stored(ledger: Ledger) -> Photo:
    photo = ledger.receive(seen(), read())
    to_stored(ledger)
    now = ledger.photo(photo.id)
    assert now is not None
    return now


def is_known(ledger: Ledger, one: Arrival) -> bool:
    (known,) = ledger.known_files([one])
    return known is not None


def test_a_stored_file_is_known_by_its_stamp(ledger: Ledger, stored: Photo) -> None:
    (known,) = ledger.known_files([seen()])
    assert known is not None
    assert (known.photo_id, known.state) == (stored.id, State.STORED)


def test_another_stamp_and_none_are_not_known(ledger: Ledger, stored: Photo) -> None:
    others = [replace(seen(), stamp="12:5:8:7"), replace(seen(), stamp=None), seen(Path("/b.jpg"))]
    assert ledger.known_files(others) == [None, None, None]


def test_a_stamp_that_proves_nothing_is_not_kept(ledger: Ledger) -> None:
    ledger.receive(seen(), replace(read(), stamp=None))
    to_stored(ledger)
    assert not is_known(ledger, seen())


def test_what_a_watcher_alone_has_seen_is_not_known(ledger: Ledger) -> None:
    ledger.receive(seen(), replace(read(), stamp=None))
    to_stored(ledger)
    ledger.remember({PLACE: SEEN})
    assert ledger.changed_files({PLACE: SEEN}) == []
    assert not is_known(ledger, seen())


def test_a_watcher_that_sees_the_same_stamp_forgets_nothing(ledger: Ledger, stored: Photo) -> None:
    ledger.remember({PLACE: SEEN})
    assert is_known(ledger, seen())
    ledger.remember({PLACE: "12:9:9:7"})
    assert not is_known(ledger, seen())


def test_what_lies_below_a_folder_is_forgotten_and_nothing_else(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.ledger.known.FORGOTTEN_AT_ONCE", 2)
    within = [Path(f"/in/{number}/a.jpg") for number in range(5)]
    beside = [Path("/in.jpg"), Path("/in0/a.jpg"), Path("/i/a.jpg"), Path("/in-2/a.jpg")]
    stamps = dict.fromkeys([*within, *beside], SEEN)
    ledger.remember(stamps)
    ledger.forget_files(Path("/in"))
    assert ledger.changed_files(stamps) == within


def test_the_version_before_is_not_taken_for_the_one_that_was_read_last(
    ledger: Ledger, stored: Photo
) -> None:
    ledger.receive(replace(seen(), stamp="5:5:5:5"), replace(read(content=b"new"), stamp="5:5:5:5"))
    assert not is_known(ledger, seen())
    assert not is_known(ledger, replace(seen(), stamp="5:5:5:5")), "it is not stored yet"


def test_what_is_said_of_the_product_now_counts(ledger: Ledger, stored: Photo) -> None:
    assert is_known(ledger, seen(product=158))
    assert not is_known(ledger, seen(product=159))
    assert not is_known(ledger, seen(sku="SM-13"))


def test_an_sku_that_was_given_before_is_nothing_new(ledger: Ledger) -> None:
    ledger.receive(seen(sku="SM-13"), read(sku="SM-13"))
    to_stored(ledger)
    assert is_known(ledger, seen(sku="SM-13"))
    assert is_known(ledger, seen())
    assert not is_known(ledger, seen(sku="SM-14"))


def test_a_file_that_could_not_be_read_since_is_read_again(ledger: Ledger, stored: Photo) -> None:
    ledger.receive_refused(arrival(PLACE), Reason.UNREADABLE, "cannot be read")
    assert not is_known(ledger, seen())


def test_the_same_bytes_in_another_folder_are_not_known_by_it(
    ledger: Ledger, stored: Photo
) -> None:
    assert not is_known(ledger, seen(Path("/159/a.jpg")))


def test_one_that_lay_elsewhere_first_is_known_where_it_lies_now(
    ledger: Ledger, stored: Photo
) -> None:
    moved = Path("/158/moved/a.jpg")
    ledger.receive(seen(moved), read(moved))
    ledger.validated(take(ledger), inspection(), placement(), "checked")
    (known,) = ledger.known_files([seen(moved)])
    assert known is not None
    assert known.photo_id == stored.id


def test_a_file_that_shows_the_same_as_a_stored_one_is_known(ledger: Ledger) -> None:
    shown = replace(picture(), likeness="1" * 64)
    ledger.receive(seen(), read())
    ledger.validated(take(ledger), inspection(), placement(), "checked")
    ledger.prepared(take(ledger), shown, "prepared")
    ledger.stored(ledger.intend(take(ledger, Step.UPLOAD)), stored_image(), "stored")
    rewritten = read(content=b"with other metadata")
    ledger.receive(replace(seen(), stamp="9:9:9:9"), replace(rewritten, stamp="9:9:9:9"))
    ledger.validated(take(ledger), inspection(), placement(), "checked")
    assert ledger.shown_already(take(ledger), shown) is not None
    assert is_known(ledger, replace(seen(), stamp="9:9:9:9"))


def test_one_whose_arrival_would_change_something_is_read(ledger: Ledger) -> None:
    ledger.receive(seen(), read())
    assert not is_known(ledger, seen()), "on its way"
    ledger.set_waiting(take(ledger), inspection(), Reason.PRODUCT_UNKNOWN, "whose is it?")
    assert not is_known(ledger, seen()), "waiting"
    ledger.retry(ledger.at_path(PLACE)[0].id)
    ledger.fail(take(ledger), Reason.DEFECT, "a defect", retry_from=State.RECEIVED)
    assert not is_known(ledger, seen()), "failed"
    ledger.retry(ledger.at_path(PLACE)[0].id)
    ledger.refuse(take(ledger), Reason.NO_MEMORY, "no memory")
    assert not is_known(ledger, seen()), "refused for something that passes"


def test_one_that_is_refused_for_its_bytes_is_known(ledger: Ledger) -> None:
    ledger.receive(seen(), read())
    ledger.refuse(take(ledger), Reason.TRUNCATED, "it is cut off")
    assert is_known(ledger, seen())
    assert not is_known(ledger, seen(sku="SM-13")), "what is said now is taken over"


def test_one_that_was_deleted_by_hand_is_known(ledger: Ledger, stored: Photo) -> None:
    ledger.removed(158, 7)
    (known,) = ledger.known_files([seen()])
    assert known is not None
    assert known.state is State.REMOVED


def test_many_are_asked_for_at_once(ledger: Ledger, stored: Photo) -> None:
    many = [replace(seen(Path(f"/158/{number}.jpg"))) for number in range(600)]
    assert ledger.known_files([*many, seen(), *many])[600] is not None


def test_many_are_received_as_each_by_itself(ledger: Ledger) -> None:
    receipts = [
        Receipt(arrival=seen(), original=read()),
        Receipt(arrival=seen(), original=read()),
        Receipt(arrival=arrival("/158/no.jpg"), reason=Reason.UNREADABLE, sentence="no"),
    ]
    first, again, refused = ledger.receive_all(receipts)
    assert first.id == again.id
    assert (first.state, refused.state) == (State.RECEIVED, State.REFUSED)
    assert [line.path for line in ledger.run_report().lines] == [PLACE, Path("/158/no.jpg")]


def test_many_are_received_until_one_is_not_ready(
    ledger: Ledger, make_ledger: Callable[[], Ledger]
) -> None:
    held = Path("/158/held.jpg")
    ledger.receive(arrival(held, sku="AAA"), original(held, sku="AAA"))
    take(make_ledger())
    receipts = [
        Receipt(arrival=arrival(path, sku="BBB"), original=original(path, sku="BBB"))
        for path in (Path("/158/a.jpg"), held, Path("/158/z.jpg"))
    ]
    (photo,) = ledger.receive_all(receipts)
    assert photo.path == Path("/158/a.jpg")
    assert ledger.at_path(Path("/158/z.jpg")) == []
    with pytest.raises(NotReady):
        ledger.receive(receipts[1].arrival, original(held, sku="BBB"))


def test_one_that_is_known_is_told_of_by_the_report_where_that_is_wanted(
    make_ledger: Callable[[], Ledger], ledger: Ledger, stored: Photo
) -> None:
    later = make_ledger()
    (known,) = later.known_files([seen()])
    later.receive_all([Receipt(arrival=seen(), known=known)])
    (line,) = later.run_report().lines
    assert (line.path, line.photo.id, line.already) == (PLACE, stored.id, True)


PATHS = tuple(Path(f"/in/{name}.jpg") for name in "ab")
TOLD: Final[Sequence[dict[str, Any]]] = (
    {},
    {"product": 1},
    {"product": 2},
    {"sku": "AAA"},
    {"sku": "BBB"},
)
told = st.sampled_from(TOLD)
contents = st.sampled_from([b"one", b"two"])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("arrives"), st.sampled_from(PATHS), contents, told),
        st.tuples(st.just("goes on"), st.sampled_from(["well", "waits", "is cut off", "fails"])),
        st.tuples(st.just("is removed"), st.integers(1, 9)),
        st.tuples(st.just("cannot be read"), st.sampled_from(PATHS)),
    ),
    max_size=14,
)


def go_on(ledger: Ledger, how: str, number: Iterator[int]) -> None:
    claim = ledger.claim_next(Step.UPLOAD, ANYBODYS)
    if claim is not None:
        claim = ledger.intend(claim)
        assert claim.photo.placement is not None
        image = stored_image(next(number), claim.photo.placement.product_id)
        ledger.stored(claim, image, "stored")
        return
    claim = ledger.claim_next(Step.PREPARE, ANYBODYS)
    if claim is None:
        return
    if how == "fails":
        ledger.fail(claim, Reason.DEFECT, "a defect", retry_from=claim.photo.state)
    elif claim.photo.state is State.VALIDATED:
        ledger.prepared(claim, picture(claim.photo.sha256.encode()), "prepared")
    elif how == "waits":
        ledger.set_waiting(claim, inspection(), Reason.PRODUCT_UNKNOWN, "whose is it?")
    elif how == "is cut off":
        ledger.refuse(claim, Reason.TRUNCATED, "it is cut off")
    else:
        of_sku = {"AAA": 1, "BBB": 3}.get(claim.photo.sku or "", 4)
        where = claim.photo.placement or placement(of_sku)
        ledger.validated(claim, inspection(), where, "checked")


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(steps)
def test_what_is_known_is_what_its_arrival_would_have_changed_nothing_of(
    kind: str, what: list[tuple[Any, ...]]
) -> None:
    with TemporaryDirectory() as folder:
        ledger = KINDS[kind](Path(folder))(ManualClock())
        number = iter(range(1, 1000))
        now: dict[Path, bytes] = {}
        for name, *facts in what:
            if name == "arrives":
                path, content, said = facts
                now[path] = content
                arrived(ledger, path, content, said)
            elif name == "goes on":
                go_on(ledger, facts[0], number)
            elif name == "is removed":
                for product in (1, 2, 3, 4):
                    ledger.removed(product, facts[0])
            else:
                ledger.receive_refused(arrival(facts[0]), Reason.UNREADABLE, "no")
        for path, content in now.items():
            for said in TOLD:
                one = replace(seen(path, **said), stamp=content.decode())
                (known,) = ledger.known_files([one])
                if known is None:
                    continue
                before = list(ledger.photos())
                photo = arrived(ledger, path, content, said)
                assert photo.id == known.photo_id
                assert list(ledger.photos()) == before
        ledger.close()


def arrived(ledger: Ledger, path: Path, content: bytes, said: dict[str, Any]) -> Photo:
    stamp = content.decode()
    one = replace(seen(path, **said), stamp=stamp)
    return ledger.receive(one, replace(read(path, content, **said), stamp=stamp))
