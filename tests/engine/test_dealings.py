"""What is known of the store: who waits for it, what went wrong last, and what is said once."""

from __future__ import annotations

from dataclasses import replace

from pipeline.engine import SilentObserver
from pipeline.engine.alike import ENOUGH
from pipeline.engine.dealings import Dealings
from pipeline.errors import StoreDenied, StoreIntercepted, StoreUnavailable
from pipeline.lifecycle import State
from pipeline.values import StoredImage
from tests.engine.fake_stages import FakeStages
from tests.report.photos import photo


class Listener(SilentObserver):
    def __init__(self) -> None:
        self.heard: list[str] = []

    def said(self, sentence: str) -> None:
        self.heard.append(sentence)


def test_who_waits_for_the_store_is_counted() -> None:
    dealings = Dealings(SilentObserver())
    seen: list[int] = []

    def images(product_id: int) -> tuple[StoredImage, ...]:
        seen.append(dealings.asking)
        return ()

    dealings.counting(replace(FakeStages().stages(), images=images)).images(158)
    assert seen == [1]
    assert dealings.asking == 0


def test_the_last_trouble_is_kept_until_a_photograph_is_in_the_store() -> None:
    dealings = Dealings(SilentObserver())
    dealings.went_wrong(StoreUnavailable("503"))
    dealings.answered()
    assert str(dealings.trouble) == "503"
    dealings.went_well()
    assert dealings.trouble is None


def test_somebody_in_between_is_told_of_once_and_so_is_the_end_of_it() -> None:
    listener = Listener()
    dealings = Dealings(listener)
    for _ in range(2):
        dealings.went_wrong(StoreIntercepted("a login page"))
    for _ in range(2):
        dealings.answered()
    assert listener.heard == [
        "nothing is sent until the shop itself answers: a login page",
        "the shop itself answers again: uploads go on",
    ]


def test_a_denial_is_said_once_and_so_is_the_next_good_answer() -> None:
    listener = Listener()
    dealings = Dealings(listener)
    for _ in range(2):
        dealings.denied(StoreDenied("the token is not good"))
    assert dealings.held_up == "nothing is sent until this is put right: the token is not good"
    dealings.answered()
    assert dealings.held_up is None
    assert listener.heard == [
        "nothing is sent until this is put right: the token is not good",
        "the shop takes the token again: uploads go on",
    ]


def test_refusals_alike_hold_up_all_until_one_is_taken() -> None:
    listener = Listener()
    dealings = Dealings(listener)
    for number in range(ENOUGH):
        assert dealings.refuses_all("422") is None
        assert dealings.refused(photo(f"/in/{number}.jpg", State.PREPARED), "422")
    error = dealings.refuses_all("422")
    assert error is not None
    dealings.denied(error)
    assert not dealings.refused(photo("/in/x.jpg", State.PREPARED), "422")
    assert len(dealings.failed_alike) == ENOUGH
    dealings.answered()
    assert dealings.held_up is not None, "another's good answer does not end it"
    dealings.went_well()
    assert dealings.failed_alike == ()
    assert len(listener.heard) == 2
