"""Files that a person gives to a product are read once, and what is in the store is brought up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipeline.engine import Engine, Given, assigned, brought_up_to_date, waiting_arrivals
from pipeline.errors import PhotoRefused, ProductUnknown
from pipeline.lifecycle import Reason, State
from pipeline.placement import Placement, Rule
from pipeline.values import Photo
from tests.engine.fake_stages import FakeStages, advance
from tests.makers import arrival
from tests.report.photos import stored_photo

PATH = Path("/shoot/a.jpg")
SAID = Placement(
    product_id=158, rule="by hand", by=Rule.HAND, description="A mug", decided=("description",)
)


def given(photo: Photo | None, sentence: str = "") -> Given:
    return Given(path=PATH, product_id=158, photo=photo, sentence=sentence)


def test_words_that_were_decided_are_planned_for_what_is_in_the_store_with_others() -> None:
    there = replace(stored_photo(PATH), placement=SAID)
    (change,) = brought_up_to_date([given(photo=there)])
    assert (change.facts, change.photo_id) == ({"description": "A mug"}, there.id)
    assert there.image is not None
    same = replace(there, image=replace(there.image, description="A mug"))
    not_decided = replace(there, placement=replace(SAID, decided=()))
    on_its_way = replace(there, state=State.PREPARED)
    others = [given(photo=one) for one in (same, not_decided, on_its_way, None)]
    assert not list(brought_up_to_date([*others, given(photo=there, sentence="no")]))


def test_what_waits_in_a_folder_is_given_without_being_read(
    engine: Engine, store: FakeStages
) -> None:
    store.trouble("place", ProductUnknown(Reason.PRODUCT_UNKNOWN, "nobody knows"))
    engine.submit(arrival(PATH))
    advance(engine)
    store.trouble("accept", PhotoRefused(Reason.UNREADABLE, "it cannot be read"))
    files = list(waiting_arrivals(engine, PATH.parent))
    (asked,) = assigned(engine, files, lambda path: SAID, only_asked=True)
    (photo,) = engine.ledger.photos()
    assert (asked.is_done, photo.state) == (True, State.WAITING)
    (done,) = assigned(engine, files, lambda path: SAID, only_asked=False)
    (photo,) = engine.ledger.photos()
    assert (done.is_done, photo.state) == (True, State.RECEIVED)


def test_a_file_that_cannot_be_read_is_told_and_the_others_go_on(
    engine: Engine, store: FakeStages
) -> None:
    store.trouble("accept", PhotoRefused(Reason.EMPTY, "it is empty"))
    files = [(arrival(f"/shoot/{name}.jpg"), None) for name in "ab"]
    empty, good = assigned(engine, files, lambda path: SAID, only_asked=False)
    assert (empty.is_done, empty.sentence, good.is_done) == (False, "it is empty", True)
