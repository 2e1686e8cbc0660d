"""Steps of a photograph through a ledger, as the tests of its contract take them."""

from __future__ import annotations

from pipeline.claimable import Claimable
from pipeline.ledger import Ledger
from pipeline.values import Claim, Step
from tests.makers import (
    inspection,
    picture,
    placement,
    stored_image,
)


def take(ledger: Ledger, step: Step = Step.PREPARE, *, any_owner: bool = True) -> Claim:
    claim = ledger.claim_next(step, Claimable(any_owner=any_owner))
    assert claim is not None
    return claim


def to_prepared(ledger: Ledger, product_id: int = 158) -> None:
    ledger.validated(take(ledger), inspection(), placement(product_id), "checked")
    ledger.prepared(take(ledger), picture(), "prepared")


def to_stored(ledger: Ledger, image_id: int = 7) -> None:
    to_prepared(ledger)
    ledger.stored(ledger.intend(take(ledger, Step.UPLOAD)), stored_image(image_id), "stored")
