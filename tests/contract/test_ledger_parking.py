"""What every ledger promises of photographs on their way that nobody works on any more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.claimable import ANYBODYS, OWN, Claimable
from pipeline.ledger import Ledger
from pipeline.lifecycle import Reason, State
from pipeline.scope import EVERYTHING, HOOK_ONLY, NOTHING, Scope
from pipeline.values import Door, Photo, Step
from tests.contract.steps import take, to_prepared
from tests.makers import arrival, inspection, original, stored_image

MakeLedger = Callable[[], Ledger]


def left_behind(make_ledger: MakeLedger, *paths: str, door: Door = Door.RUN) -> list[Photo]:
    """Have a process take in photographs, and end."""
    ledger = make_ledger()
    photos = [
        ledger.receive(replace(arrival(path), door=door), original(path, path.encode()))
        for path in paths
    ]
    ledger.close()
    return photos


def sent_ready(ledger: Ledger, path: str, product_id: int = 158) -> Photo:
    """Take a photograph in, and have it be PREPARED."""
    photo = ledger.receive(arrival(path), original(path, path.encode()))
    to_prepared(ledger, product_id)
    return photo


def names(ledger: Ledger, scope: Scope) -> list[str]:
    return [photo.path.name for photo in ledger.pending(scope)]


def claimed(ledger: Ledger, *, any_owner: bool) -> list[str]:
    taken = []
    while (claim := ledger.claim_next(Step.PREPARE, Claimable(any_owner=any_owner))) is not None:
        taken.append(claim.photo.path.name)
    return taken


@pytest.mark.parametrize("any_owner", [True, False])
def test_what_an_ended_process_left_is_nobodys_until_it_is_taken_up(
    make_ledger: MakeLedger, any_owner: bool
) -> None:
    left_behind(make_ledger, "/wrong/a.jpg", "/right/b.jpg", "/right-hand/c.jpg", "/right/d/e.jpg")
    second = make_ledger()
    assert claimed(second, any_owner=any_owner) == []
    assert second.unfinished(any_owner=any_owner, step=None) == 0
    assert sum(second.left_behind().values()) == 4
    assert second.take_up(NOTHING) == 0
    assert second.take_up(Scope.of([Path("/right")])) == 2
    assert second.take_up(Scope.of([Path("/right")])) == 0, "once"
    assert claimed(second, any_owner=any_owner) == ["b.jpg", "e.jpg"]
    assert names(second, EVERYTHING) == ["a.jpg", "c.jpg"]
    assert {line.photo.path.name for line in second.run_report().lines} == {"b.jpg", "e.jpg"}


def test_a_root_may_be_a_file_or_the_folder_of_all(make_ledger: MakeLedger) -> None:
    left_behind(make_ledger, "/x/a.jpg", "/x/b.jpg")
    second = make_ledger()
    assert second.take_up(Scope.of([Path("/x/a.jpg")])) == 1
    assert second.take_up(Scope.of([Path("/")])) == 1


def test_very_many_roots_are_taken_up(make_ledger: MakeLedger) -> None:
    paths = [f"/roots/{number}/a.jpg" for number in range(120)]
    left_behind(make_ledger, *paths)
    assert make_ledger().take_up(Scope.of([Path(path).parent for path in paths])) == 120


def test_what_a_hook_noted_down_is_the_next_hooks(make_ledger: MakeLedger) -> None:
    left_behind(make_ledger, "/tether/a.jpg", door=Door.HOOK)
    left_behind(make_ledger, "/photos/b.jpg")
    second = make_ledger()
    assert second.take_up(HOOK_ONLY) == 1
    second.close()
    third = make_ledger()
    assert third.take_up(HOOK_ONLY) == 1, "its door is not forgotten"
    assert claimed(third, any_owner=True) == ["a.jpg"]


def test_of_three_shots_of_one_name_all_are_taken_up(make_ledger: MakeLedger) -> None:
    """Each was overwritten by the next: the hook keeps their bytes."""
    first = make_ledger()
    noted = replace(arrival("/tether/a.jpg"), door=Door.HOOK)
    for content in (b"1", b"2", b"3"):
        first.receive(noted, original("/tether/a.jpg", content))
    first.close()
    second = make_ledger()
    assert second.take_up(HOOK_ONLY) == 3
    assert second.take_up(HOOK_ONLY) == 0
    assert claimed(second, any_owner=True) == ["a.jpg"] * 3


def test_what_arrives_again_is_on_its_way_again(make_ledger: MakeLedger) -> None:
    left_behind(make_ledger, "/a.jpg", "/b.jpg")
    second = make_ledger()
    second.receive(arrival("/a.jpg"), original("/a.jpg", b"/a.jpg"))
    assert claimed(second, any_owner=True) == ["a.jpg"]


def test_what_another_living_process_has_is_not_left_behind(make_ledger: MakeLedger) -> None:
    first = make_ledger()
    first.receive(arrival("/a.jpg"), original("/a.jpg"))
    second = make_ledger()
    second.receive(arrival("/a.jpg"), original("/a.jpg"))
    first.close()
    assert second.left_behind() == {}
    third = make_ledger()
    assert third.take_up(EVERYTHING) == 0
    second.close()
    assert third.take_up(EVERYTHING) == 1


def test_what_is_parked_holds_up_no_other_of_its_product(make_ledger: MakeLedger) -> None:
    first = make_ledger()
    sent_ready(first, "/158/158_1.jpg")
    first.receive(arrival("/158/158_2.jpg"), original("/158/158_2.jpg", b"2"))
    first.close()
    second = make_ledger()
    sent_ready(second, "/158/158_3.jpg")
    claim = second.claim_next(Step.UPLOAD, ANYBODYS)
    assert claim is not None
    assert claim.photo.path.name == "158_3.jpg"


def test_what_is_tried_again_is_its_living_process_s_or_nobodys(make_ledger: MakeLedger) -> None:
    first = make_ledger()
    for name in ("a", "b"):
        first.receive(arrival(f"/{name}.jpg"), original(f"/{name}.jpg", name.encode()))
        first.set_waiting(take(first), inspection(), Reason.PRODUCT_UNKNOWN, "whose is it?")
    a, b = first.photos(State.WAITING)
    second = make_ledger()
    assert second.retry(a.id) is not None
    assert claimed(first, any_owner=True) == ["a.jpg"], "it lives"
    first.close()
    assert second.retry(b.id) is not None
    assert claimed(second, any_owner=True) == []
    assert second.take_up(EVERYTHING) == 2


def test_a_doubt_is_settled_by_whoever_works_and_not_sent_again_by_it(
    make_ledger: MakeLedger,
) -> None:
    first = make_ledger()
    sent_ready(first, "/158/a.jpg")
    first.intend(take(first, Step.UPLOAD))
    first.close()
    second = make_ledger()
    claim = second.claim_next(Step.UPLOAD, OWN)
    assert claim is not None
    second.not_sent(claim, "not there", not_before=None, attempts=1)
    assert second.claim_next(Step.UPLOAD, ANYBODYS) is None
    assert names(second, EVERYTHING) == ["a.jpg"]
    assert second.take_up(EVERYTHING) == 1
    assert second.claim_next(Step.UPLOAD, ANYBODYS) is not None


def test_what_is_dropped_is_forgotten_and_a_later_one_is_new(make_ledger: MakeLedger) -> None:
    (photo,) = left_behind(make_ledger, "/a.jpg")
    second = make_ledger()
    assert second.drop(photo.id)
    assert not second.drop(photo.id)
    assert second.photo(photo.id) is None
    assert second.at_path(Path("/a.jpg")) == []
    assert sum(second.tally().counts.values()) == 0
    assert second.check() is None
    again = second.receive(arrival("/a.jpg"), original("/a.jpg", b"/a.jpg"))
    assert (again.id != photo.id, again.state) == (True, State.RECEIVED)


def test_what_is_on_its_way_in_doubt_or_stored_is_not_dropped(make_ledger: MakeLedger) -> None:
    first = make_ledger()
    sent_ready(first, "/158/b.jpg")
    doubt = first.intend(take(first, Step.UPLOAD)).photo
    sent_ready(first, "/159/c.jpg", 159)
    claim = first.intend(take(first, Step.UPLOAD))
    first.stored(claim, stored_image(7, 159), "stored")
    on_its_way = first.receive(arrival("/a.jpg"), original("/a.jpg", b"a"))
    second = make_ledger()
    assert [second.drop(one.id) for one in (on_its_way, doubt, claim.photo)] == [False] * 3
    first.close()
    assert [second.drop(one.id) for one in (doubt, claim.photo)] == [False] * 2
    assert second.drop(on_its_way.id)


def test_what_waits_for_its_product_can_be_dropped(ledger: Ledger) -> None:
    photo = ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    claim = take(ledger)
    assert not ledger.drop(photo.id), "it is in hand"
    ledger.set_waiting(claim, inspection(), Reason.PRODUCT_UNKNOWN, "whose is it?")
    assert names(ledger, Scope.of([Path("/a.jpg")])) == ["a.jpg"]
    assert ledger.drop(photo.id)


def test_of_a_batch_is_pending_what_came_in_through_it_and_nobody_has(
    make_ledger: MakeLedger,
) -> None:
    gone = make_ledger()
    for path in ("/in/a.jpg", "/in/b.jpg", "/in/waits.jpg", "/in/stored.jpg"):
        gone.receive(arrival(path), original(path, path.encode()))
    batch = gone.own_batch()
    for path, reason in (("/in/waits.jpg", Reason.PRODUCT_UNKNOWN),):
        (photo,) = gone.at_path(Path(path))
        claim = gone.claim(photo.id)
        assert claim is not None
        gone.set_waiting(claim, inspection(), reason, "whose is it?")
    gone.close()
    left_behind(make_ledger, "/in/of-another-batch.jpg")
    ledger = make_ledger()
    stored = ledger.receive(
        arrival("/in/stored.jpg"), original("/in/stored.jpg", b"/in/stored.jpg")
    )
    assert sorted(one.path.name for one in ledger.pending_of(batch)) == [
        "a.jpg",
        "b.jpg",
        "waits.jpg",
    ], "of the fourth a living process has the work"
    assert stored.id not in {one.id for one in ledger.pending_of(batch)}
    for one in list(ledger.pending_of(batch)):
        assert ledger.drop(one.id)
    assert list(ledger.pending_of(batch)) == []
    assert [one.path.name for one in ledger.brought_in(batch)] == ["stored.jpg"]


def test_what_may_have_reached_the_store_is_pending_of_its_batch(make_ledger: MakeLedger) -> None:
    gone = make_ledger()
    photo = sent_ready(gone, "/158/a.jpg")
    gone.intend(take(gone, Step.UPLOAD))
    batch = gone.own_batch()
    gone.close()
    ledger = make_ledger()
    (pending,) = ledger.pending_of(batch)
    assert (pending.id, pending.state) == (photo.id, State.UPLOADING)
    assert not ledger.drop(photo.id), "it is settled first"
