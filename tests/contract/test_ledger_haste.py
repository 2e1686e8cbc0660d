"""What every ledger promises of the next shot: it goes before a backlog, and keeps its order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.claimable import ANYBODYS, Claimable, NameRules
from pipeline.ledger import Ledger
from pipeline.lifecycle import Reason, State
from pipeline.values import Claim, Door, Photo, Step
from tests.makers import START, arrival, inspection, original, picture, placement


def received(
    ledger: Ledger, path: str, product_id: int | None = None, *, in_haste: bool = False
) -> Photo:
    come = replace(arrival(path, product_id=product_id), in_haste=in_haste)
    return ledger.receive(come, original(path, path.encode(), product_id=product_id))


def claimed(ledger: Ledger, photo: Photo) -> Claim:
    claim = ledger.claim(photo.id)
    assert claim is not None
    return claim


def checked(ledger: Ledger, photo: Photo, product_id: int) -> None:
    claim = claimed(ledger, photo)
    ledger.validated(claim, inspection(), placement(product_id), "checked")


def prepared(ledger: Ledger, path: str, product_id: int, *, in_haste: bool = False) -> Photo:
    photo = received(ledger, path, product_id, in_haste=in_haste)
    checked(ledger, photo, product_id)
    ledger.prepared(claimed(ledger, photo), picture(), "prepared")
    return photo


def taken(ledger: Ledger, step: Step, name_rules: NameRules | None = None) -> str:
    """Claim the next, put it off for a day, and return its name; empty where there is none."""
    claim = ledger.claim_next(step, ANYBODYS, name_rules=name_rules)
    if claim is None:
        return ""
    tomorrow = START + timedelta(days=1)
    ledger.postpone(claim, "later", not_before=tomorrow, attempts=1)
    return claim.photo.path.name


def only(*names: str, rules: int = 1) -> NameRules:
    """Have those of unknown product alone be of the product, perhaps, that have these names."""
    return NameRules(
        rules=rules,
        proposed=lambda one: {one.path.name},
        of_product=lambda product_id: names,
    )


@pytest.mark.parametrize("step", list(Step))
def test_what_is_in_haste_goes_first_but_for_one_in_four_turns(ledger: Ledger, step: Step) -> None:
    come = prepared if step is Step.UPLOAD else received
    for one in range(4):
        come(ledger, f"/old{one}.jpg", 100 + one)
    for one in range(6):
        come(ledger, f"/new{one}.jpg", 200 + one, in_haste=True)
    # Those that made it ready were turns, too.
    first = [taken(ledger, step)[:3] for _ in range(10)]
    assert first.count("new") == 6
    assert 1 <= first[:4].count("old") <= 2
    assert first[-2:] == ["old", "old"]


def test_who_is_there_for_haste_takes_nothing_else(ledger: Ledger) -> None:
    received(ledger, "/old.jpg", 100)
    assert ledger.claim_next(Step.PREPARE, Claimable(any_owner=True, only_haste=True)) is None
    received(ledger, "/new.jpg", 200, in_haste=True)
    claim = ledger.claim_next(Step.PREPARE, Claimable(any_owner=True, only_haste=True))
    assert claim is not None
    assert claim.photo.in_haste
    assert claim.photo.path.name == "new.jpg"


def test_an_earlier_one_of_its_product_goes_first_wherever_it_is(ledger: Ledger) -> None:
    for one in range(5):
        received(ledger, f"/old{one}.jpg", 100 + one)
    received(ledger, "/158-1.jpg", 158)
    received(ledger, "/158-3.jpg", 158)
    received(ledger, "/158-2.jpg", 158, in_haste=True)
    assert {taken(ledger, Step.PREPARE) for _ in range(2)} == {"158-1.jpg", "158-2.jpg"}
    assert taken(ledger, Step.PREPARE) == "old0.jpg"


def test_so_does_one_of_which_it_is_known_later_whose_it_is(ledger: Ledger) -> None:
    for one in range(5):
        received(ledger, f"/old{one}.jpg", 100 + one)
    earlier = received(ledger, "/a.jpg")
    received(ledger, "/b.jpg", 158, in_haste=True)
    checked(ledger, earlier, 158)
    assert {taken(ledger, Step.PREPARE) for _ in range(2)} == {"a.jpg", "b.jpg"}


def test_one_in_haste_pulls_others_forward_when_its_product_is_known(ledger: Ledger) -> None:
    received(ledger, "/old.jpg", 100)
    received(ledger, "/a.jpg", 158)
    later = received(ledger, "/b.jpg", in_haste=True)
    checked(ledger, later, 158)
    assert {taken(ledger, Step.PREPARE) for _ in range(2)} == {"a.jpg", "b.jpg"}


def test_a_known_one_that_arrives_in_haste_goes_first(ledger: Ledger) -> None:
    received(ledger, "/old.jpg", 100)
    received(ledger, "/a.jpg", 158)
    received(ledger, "/a.jpg", 158, in_haste=True)
    assert taken(ledger, Step.PREPARE) == "a.jpg"


def test_it_does_not_wait_for_arrivals_that_are_certainly_of_other_products(
    ledger: Ledger,
) -> None:
    for one in range(3):
        received(ledger, f"/unknown{one}.jpg")
    prepared(ledger, "/new.jpg", 158, in_haste=True)
    assert taken(ledger, Step.UPLOAD) == ""
    assert taken(ledger, Step.UPLOAD, only("other.jpg")) == "new.jpg"


def test_it_waits_for_one_that_naming_its_product_which_is_checked_first(
    ledger: Ledger,
) -> None:
    for one in range(3):
        received(ledger, f"/unknown{one}.jpg")
    prepared(ledger, "/zz.jpg", 158, in_haste=True)
    name_rules = only("unknown2.jpg")
    assert taken(ledger, Step.UPLOAD, name_rules) == ""
    claim = ledger.claim_next(Step.PREPARE, Claimable(any_owner=True, only_haste=True))
    assert claim is not None
    assert claim.photo.path.name == "unknown2.jpg"
    ledger.validated(claim, inspection(), placement(158), "it is")
    assert taken(ledger, Step.UPLOAD, name_rules) == "", "and it goes up first"
    assert ledger.tally()[State.VALIDATED] == 1


def test_while_nobody_can_tell_nothing_else_is_hastened(ledger: Ledger) -> None:
    received(ledger, "/unknown.jpg")
    prepared(ledger, "/new.jpg", 158, in_haste=True)
    assert taken(ledger, Step.UPLOAD) == ""
    assert ledger.claim_next(Step.PREPARE, Claimable(any_owner=True, only_haste=True)) is None


def test_one_product_is_never_sent_to_twice_at_once_in_haste_or_not(ledger: Ledger) -> None:
    prepared(ledger, "/1.jpg", 158)
    claim = ledger.claim_next(Step.UPLOAD, ANYBODYS)
    assert claim is not None
    prepared(ledger, "/2.jpg", 158, in_haste=True)
    assert ledger.claim_next(Step.UPLOAD, ANYBODYS) is None


def shot(ledger: Ledger, path: str, product_id: int, door: Door = Door.HOOK) -> Photo:
    come = replace(arrival(path, product_id=product_id), door=door, in_haste=True)
    return ledger.receive(come, original(path, path.encode(), product_id=product_id))


def next_of_run(ledger: Ledger, step: Step, *, urgent: bool = False) -> Claim | None:
    return ledger.claim_next(step, Claimable(shots=True, only_haste=urgent))


@pytest.mark.parametrize("urgent", [True, False])
def test_a_run_works_on_a_hooks_shot_that_another_process_took_in(
    make_ledger: Callable[[], Ledger], urgent: bool
) -> None:
    run, hook = make_ledger(), make_ledger()
    photo = shot(hook, "/shot.jpg", 200)
    assert run.claim_next(Step.PREPARE, Claimable(only_haste=urgent)) is None
    claim = next_of_run(run, Step.PREPARE, urgent=urgent)
    assert claim is not None
    assert claim.photo.id == photo.id
    assert not run.any_unfinished(any_owner=False, step=None), "its end does not wait for it"
    assert list(run.run_report().lines) == []


def test_a_run_works_on_nothing_else_of_other_processes(
    make_ledger: Callable[[], Ledger],
) -> None:
    run, other = make_ledger(), make_ledger()
    shot(other, "/watched.jpg", 200, Door.WATCH)
    received(other, "/201.jpg", 201)
    assert next_of_run(run, Step.PREPARE) is None


def test_what_a_run_sends_for_a_hook_is_not_counted_as_its_own(
    make_ledger: Callable[[], Ledger],
) -> None:
    run, hook = make_ledger(), make_ledger()
    photo = shot(hook, "/shot.jpg", 200)
    checked(run, photo, 200)
    run.prepared(claimed(run, photo), picture(), "prepared")
    run.intend(claimed(run, photo))
    prepared(run, "/own.jpg", 158)
    run.intend(claimed(run, run.at_path(Path("/own.jpg"))[0]))
    assert run.run_report().posts == 1


def test_a_shot_waits_for_an_earlier_one_of_its_product_whosever_that_is(
    make_ledger: Callable[[], Ledger],
) -> None:
    run, hook, other = make_ledger(), make_ledger(), make_ledger()
    prepared(other, "/a.jpg", 200)
    photo = shot(hook, "/b.jpg", 200)
    checked(hook, photo, 200)
    hook.prepared(claimed(hook, photo), picture(), "prepared")
    assert next_of_run(run, Step.UPLOAD) is None
    (earlier,) = run.at_path(Path("/a.jpg"))
    run.fail(claimed(run, earlier), Reason.DEFECT, "failed", retry_from=State.PREPARED)
    claim = next_of_run(run, Step.UPLOAD)
    assert claim is not None
    assert claim.photo.id == photo.id


def test_a_doubt_about_one_in_haste_is_settled_in_haste(ledger: Ledger) -> None:
    photo = prepared(ledger, "/new.jpg", 200, in_haste=True)
    sent = ledger.intend(claimed(ledger, photo))
    ledger.doubt(sent, "?", ended_at=START, missing_since=None, not_before=START)
    claim = ledger.claim_next(Step.UPLOAD, Claimable(any_owner=True, only_haste=True))
    assert claim is not None
    assert claim.photo.state is State.UPLOADING


def test_whether_anybody_is_at_work_on_what_is_in_haste_can_be_asked(ledger: Ledger) -> None:
    received(ledger, "/old.jpg", 100)
    assert not ledger.haste_is_due()
    assert not ledger.any_unfinished(any_owner=True, step=None, urgent=True)
    photo = shot(ledger, "/new.jpg", 200)
    assert ledger.haste_is_due()
    claim = claimed(ledger, photo)
    assert not ledger.haste_is_due(), "it is in hand"
    assert ledger.any_unfinished(any_owner=True, step=None, urgent=True)
    assert ledger.unfinished(any_owner=True, step=None, urgent=True) == 1
    ledger.refuse(claim, Reason.EMPTY, "empty")
    assert not ledger.any_unfinished(any_owner=True, step=None, urgent=True)


def test_other_processes_that_live_are_known(make_ledger: Callable[[], Ledger]) -> None:
    one = make_ledger()
    assert not one.others_live()
    other = make_ledger()
    assert one.others_live()
    assert other.others_live()
    other.close()
    assert not one.others_live()
