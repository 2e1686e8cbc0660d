"""The ledger held against the store, and what is done about what differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import pytest

from pipeline.claimable import NameRules
from pipeline.engine import (
    Engine,
    ListsChanged,
    ask_again,
    delete_image,
    differences,
    heed_lists,
    images_meant,
    in_doubt,
    repaired,
    settle,
    take_up_appeared,
    work,
)
from pipeline.errors import (
    LedgerError,
    ProductUnknown,
    StoreAmbiguous,
    StoreRejected,
    StoreUnavailable,
    StoreUnsure,
)
from pipeline.lifecycle import Reason, State
from pipeline.scope import EVERYTHING, NOTHING
from pipeline.values import Photo
from tests.engine.fake_stages import FakeStages, advance, step, steps
from tests.makers import arrival


@pytest.fixture
def stored(engine: Engine) -> Photo:
    engine.submit(arrival("/158/a.jpg", product_id=158))
    return steps(engine, 3)


def bring_in(engine: Engine) -> Callable[[], object]:
    return lambda: work(engine, (), preparing=1, uploading=1, give_up_after=5)


def test_what_is_missing_is_uploaded_again_from_its_original(
    engine: Engine, store: FakeStages, stored: Photo
) -> None:
    store.images = []
    now = repaired(engine, list(differences(engine)), bring_in(engine))
    assert {photo.state for photo in now.values()} == {State.STORED}
    assert list(now) == [stored.id]
    assert (store.creates, len(store.images)) == (2, 1)


def test_what_is_there_under_another_id_is_taken_over_instead_of_sent(
    engine: Engine, store: FakeStages, stored: Photo
) -> None:
    store.images = [replace(store.images[0], id=50)]
    now = repaired(engine, list(differences(engine)), bring_in(engine))
    image = now[stored.id].image
    assert image is not None
    assert (image.id, store.creates) == (50, 1)


def test_only_what_is_missing_is_repaired(engine: Engine, store: FakeStages, stored: Photo) -> None:
    store.images = [replace(store.images[0], sort_order=5)]
    assert repaired(engine, list(differences(engine)), bring_in(engine)) == {}
    (photo,) = engine.ledger.photos()
    assert photo == stored


@pytest.fixture
def ambiguous(engine: Engine, store: FakeStages) -> Photo:
    engine.submit(arrival("/158/a.jpg", product_id=158))
    store.makes_it_all_the_same = True
    store.trouble("deliver", StoreUnsure("the connection broke"))
    store.trouble("find", StoreAmbiguous("one of two"))
    return steps(engine, 4)


def test_a_person_says_which_image_it_is(
    engine: Engine, store: FakeStages, ambiguous: Photo
) -> None:
    assert ambiguous.state is State.FAILED
    (photo,) = in_doubt(engine.ledger, Path("/158/a.jpg"))
    image = store.images[0]
    assert images_meant(engine, [photo], image.id) == {photo.id: image}
    assert settle(engine.ledger, photo, image).startswith(f"is image {store.images[0].id} ")
    (photo,) = engine.ledger.photos()
    assert (photo.state, photo.image) == (State.STORED, image)
    assert list(in_doubt(engine.ledger, Path("/158/a.jpg"))) == []


def test_a_person_says_that_it_is_none_of_them_and_it_is_sent_again(
    engine: Engine, store: FakeStages, ambiguous: Photo
) -> None:
    store.images = []
    settle(engine.ledger, ambiguous, None)
    (photo,) = engine.ledger.photos()
    assert (photo.state, photo.attempts) == (State.PREPARED, 0)
    assert step(engine).state is State.STORED


@pytest.mark.usefixtures("ambiguous")
def test_an_image_that_the_product_does_not_have_is_none(engine: Engine) -> None:
    (photo,) = in_doubt(engine.ledger, Path("/158/a.jpg"))
    assert images_meant(engine, [photo], 4711) == {}


def test_one_that_was_certainly_not_sent_is_not_settled(engine: Engine, store: FakeStages) -> None:
    engine.submit(arrival("/158/a.jpg", product_id=158))
    store.trouble("deliver", StoreRejected(422, "no room"))
    failed = steps(engine, 3)
    with pytest.raises(LedgerError, match="is not in doubt"):
        settle(engine.ledger, failed, None)


def test_what_waits_for_its_product_is_asked_for_again(engine: Engine, store: FakeStages) -> None:
    engine.submit(arrival("/x/a.jpg"))
    store.trouble("place", ProductUnknown(Reason.PRODUCT_UNKNOWN, "whose is it?"))
    assert step(engine).state is State.WAITING
    ask_again(engine, EVERYTHING)
    assert store.forgotten == 1
    assert step(engine).state is State.VALIDATED


def test_what_waits_for_a_name_that_has_come_is_taken_up_and_nothing_else(
    engine: Engine, store: FakeStages
) -> None:
    questions: list[int] = []

    def appeared() -> frozenset[str]:
        questions.append(1)
        return frozenset({"new-7"})

    by_name = NameRules(
        rules=1,
        proposed=lambda original: {original.path.stem.casefold()},
        of_product=lambda product_id: None,
    )
    engine.stages = replace(engine.stages, appeared=appeared, name_rules=by_name)
    assert take_up_appeared(engine, EVERYTHING) == 0
    assert not questions, "nothing waits"
    for path in ("/x/NEW-7.jpg", "/x/OTHER-1.jpg"):
        engine.submit(arrival(path))
        store.trouble("place", ProductUnknown(Reason.PRODUCT_UNKNOWN, "whose is it?"))
        advance(engine)
    assert take_up_appeared(engine, EVERYTHING) == 1
    assert (store.forgotten, len(questions)) == (1, 1)
    assert [photo.path.name for photo in engine.ledger.photos(State.WAITING)] == ["OTHER-1.jpg"]
    assert take_up_appeared(engine, NOTHING) == 0


def test_an_image_that_we_delete_is_remembered_as_removed(
    engine: Engine, store: FakeStages, stored: Photo
) -> None:
    deleted: list[tuple[int, int]] = []
    image = store.images[0]

    def delete(product_id: int, image_id: int) -> None:
        deleted.append((product_id, image_id))

    photo = delete_image(delete, engine.ledger, 158, image.id)
    assert deleted == [(158, image.id)]
    assert photo is not None
    assert (photo.id, photo.state) == (stored.id, State.REMOVED)
    assert delete_image(delete, engine.ledger, 158, 4711) is None


def test_an_image_that_the_store_does_not_delete_stays_stored(
    engine: Engine, store: FakeStages, stored: Photo
) -> None:
    def refuse(product_id: int, image_id: int) -> None:
        raise StoreUnavailable("away")

    with pytest.raises(StoreUnavailable):
        delete_image(refuse, engine.ledger, 158, store.images[0].id)
    (photo,) = engine.ledger.photos()
    assert photo == stored


def test_a_map_that_changed_has_all_asked_again_that_waits_and_a_shot_list_nothing_of_it(
    engine: Engine, store: FakeStages
) -> None:
    store.trouble("place", ProductUnknown(Reason.PRODUCT_UNKNOWN, "whose is it?"))
    engine.submit(arrival("/in/a.jpg"))
    assert step(engine).state is State.WAITING
    for changed, state in (
        (ListsChanged(), State.WAITING),
        (ListsChanged(shot_list=True), State.WAITING),
        (ListsChanged(maps=True), State.RECEIVED),
    ):
        engine.stages = replace(
            engine.stages, lists_changed=partial(ListsChanged, **asdict(changed))
        )
        heed_lists(engine, EVERYTHING)
        assert {photo.state for photo in engine.ledger.photos()} == {state}
