"""A disk that is full: nothing acknowledged is lost, nothing half is kept, and it goes on after."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.claimable import ANYBODYS
from pipeline.errors import LedgerError
from pipeline.ledger import Ledger
from pipeline.ledger.sqlite import open_ledger
from pipeline.lifecycle import State
from pipeline.values import Step
from tests.disks import fill, small_disk
from tests.ledger.conftest import STORE
from tests.makers import ManualClock, arrival, inspection, original, picture, placement


def opened(disk: Path) -> Ledger:
    return open_ledger(disk / "home" / "ledger.sqlite3", STORE, "run", ManualClock().now)


def received_until_full(ledger: Ledger) -> list[str]:
    ids: list[str] = []
    with pytest.raises(LedgerError, match="disk is full; make room"):  # noqa: PT012
        for number in range(100_000):
            path = f"/158/{number}.jpg"
            ids.append(ledger.receive(arrival(path), original(path, path.encode())).id)
    return ids


def test_what_was_acknowledged_before_the_disk_was_full_is_there_and_it_goes_on_with_room(
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path, 1024) as disk:
        ledger = opened(disk)
        ballast = fill(disk, leave=300_000)
        ids = received_until_full(ledger)
        assert ids
        assert {photo.id for photo in ledger.photos()} == set(ids)
        assert ledger.check() is None
        ballast.unlink()
        more = ledger.receive(arrival("/158/more.jpg"), original("/158/more.jpg", b"more"))
        assert {photo.id for photo in ledger.photos()} == {*ids, more.id}
        ledger.close()


def test_an_intent_that_cannot_be_written_is_an_error_and_leaves_the_photograph_unsent(
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path, 1024) as disk:
        ledger = opened(disk)
        ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
        for result in ("check", "prepare"):
            claim = ledger.claim_next(Step.PREPARE, ANYBODYS)
            assert claim is not None
            if result == "check":
                ledger.validated(claim, inspection(), placement(), "checked")
            else:
                ledger.prepared(claim, picture(), "prepared")
        claim = ledger.claim_next(Step.UPLOAD, ANYBODYS)
        assert claim is not None
        ledger.make_durable()
        ballast = fill(disk)
        received_until_full(ledger)
        with pytest.raises(LedgerError, match="disk is full"):
            ledger.intend(claim)
        unsent = ledger.photo(claim.photo.id)
        assert unsent is not None
        assert unsent.state is State.PREPARED
        ballast.unlink()
        assert ledger.intend(claim).photo.state is State.UPLOADING
        ledger.close()


def test_a_process_that_ends_on_a_full_disk_ends_well_and_its_claims_come_free(
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path, 1024) as disk:
        ledger = opened(disk)
        ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
        assert ledger.claim_next(Step.PREPARE, ANYBODYS) is not None
        ledger.make_durable()
        ballast = fill(disk)
        received_until_full(ledger)
        ledger.close()
        ballast.unlink()
        later = opened(disk)
        assert later.recover() == 1
        later.close()


def test_a_ledger_cannot_be_begun_on_a_full_disk_and_that_is_said(tmp_path: Path) -> None:
    with small_disk(tmp_path, 512) as disk:
        ballast = fill(disk)
        with pytest.raises(LedgerError, match=r"disk is full|cannot be used"):
            opened(disk)
        ballast.unlink()
        ledger = opened(disk)
        assert list(ledger.photos()) == []
        ledger.close()
