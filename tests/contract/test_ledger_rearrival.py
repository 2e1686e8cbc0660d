"""Photographs that arrive again and again, in any order of events: held to every kind of ledger.

A state machine makes up the sequences: shots given with one SKU after another or a product, files
that change, move, cannot be read or become whole, claims that are held meanwhile, retries and
rebuilt ledgers. Whatever comes: no error, no photograph twice, and none lost.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
from collections import Counter
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from pipeline.claimable import ANYBODYS
from pipeline.engine import Engine, RetryTimes, SilentObserver, adopt
from pipeline.errors import PhotoRefused, ProductUnknown
from pipeline.lifecycle import FINAL_STATES, Reason, State
from pipeline.refusals import sku_unknown
from pipeline.values import (
    Arrival,
    Claim,
    Original,
    Photo,
    Placement,
    Step,
    StoredImage,
)
from tests.contract.ledgers import KINDS
from tests.engine.fake_stages import FakeStages
from tests.makers import ManualClock, arrival, original, placement

NAMES = ("a.jpg", "b.jpg", "c.jpg")
SKUS = {"AAA": 1, "BBB": 2, "CCC": 3}
LATER = {"TYPO": 4, "TYPO-2": 1}
"""SKUs that the shop does not know until the end; one of them is of a product that others name."""
TOLD: tuple[str | int | None, ...] = (None, *SKUS, *LATER, 1, 2, 5)
"""What a caller says: nothing, an SKU, or a product's id."""

QUICK = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Where flushing costs nothing: the rules are tried here, not the disk."""

names = st.sampled_from(NAMES)
contents = st.sampled_from((b"one", b"two"))
tellings = st.sampled_from(TOLD)


class Shop(FakeStages):
    """Stages that read real files, and a shop that gets to know further SKUs at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.known = dict(SKUS)

    def accept(self, what: Arrival) -> Original:
        self._raise("accept")
        return original(what.path, what.path.read_bytes(), product_id=what.product_id, sku=what.sku)

    def place(self, what: Original) -> Placement:
        if what.sku is None:
            raise ProductUnknown(Reason.PRODUCT_UNKNOWN, "nobody knows its product")
        if what.sku not in self.known:
            raise sku_unknown(what.sku)
        return placement(self.known[what.sku])


class Rearrivals(RuleBasedStateMachine):
    """Sequences of events, each followed by what has to hold."""

    kind = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="rearrival-", dir=QUICK))
        self.clock = ManualClock()
        self.shop = Shop()
        self.generation = 0
        self.held: list[Claim] = []
        self.last: dict[tuple[Path, str], str | int] = {}
        """What was last said of a content at a path, where anything was."""
        self.seen: set[str] = set()
        self._open()
        for name in NAMES[:2]:
            self.path(name).write_bytes(b"one")

    def _open(self) -> None:
        home = self.folder / f"home-{self.generation}"
        self.ledger = KINDS[self.kind](home)(self.clock)
        self.engine = Engine(
            self.ledger,
            self.shop.stages(),
            self.clock,
            RetryTimes(confirm_after=1.0),
            SilentObserver(),
        )

    def path(self, name: str) -> Path:
        return self.folder / name

    def _arrival(self, path: Path, said: str | int | None) -> Arrival:
        if isinstance(said, int):
            return arrival(path, product_id=said)
        return arrival(path, sku=said)

    @rule(name=names, said=tellings)
    def arrives(self, name: str, said: str | int | None) -> None:
        path = self.path(name)
        if not path.exists():
            return
        photo = self.engine.submit(self._arrival(path, said))
        if photo is None:
            assert self.held, "only one that somebody has in hand is not taken at once"
            return
        assert photo.reason is not Reason.DEFECT, photo.sentence
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert photo.sha256 == digest
        self.seen.add(digest)
        if said is not None:
            self._carries(photo, said)
            self.last[path, digest] = said

    def _carries(self, photo: Photo, said: str | int) -> None:
        if isinstance(said, int):
            assert photo.placement is not None
            assert photo.placement.product_id == said
        elif photo.placement is None:
            assert photo.sku == said
        else:
            assert photo.placement.product_id == {**SKUS, **LATER}.get(said)

    @rule(name=names)
    def cannot_be_read(self, name: str) -> None:
        self.shop.trouble("accept", PhotoRefused(Reason.UNREADABLE, "it cannot be read"))
        photo = self.engine.submit(arrival(self.path(name)))
        assert photo is not None
        assert photo.reason is not Reason.DEFECT, photo.sentence

    @rule(name=names, content=contents)
    def is_written(self, name: str, content: bytes) -> None:
        self.path(name).write_bytes(content)

    @rule(name=names, other=names)
    def moves(self, name: str, other: str) -> None:
        if self.path(name).exists():
            self.path(name).rename(self.path(other))

    @rule(step=st.sampled_from(Step), number=st.integers(1, 4))
    def is_worked_on(self, step: Step, number: int) -> None:
        for _ in range(number):
            claim = self.ledger.claim_next(step, ANYBODYS)
            if claim is not None:
                self.engine.advance(claim)

    @rule()
    def is_taken_in_hand(self) -> None:
        claim = self.ledger.claim_next(Step.PREPARE, ANYBODYS)
        if claim is not None:
            self.held.append(claim)

    @precondition(lambda self: self.held)
    @rule()
    def is_let_go_of(self) -> None:
        self.engine.advance(self.held.pop())

    @rule(step=st.sampled_from(Step))
    def fails(self, step: Step) -> None:
        claim = self.ledger.claim_next(step, ANYBODYS)
        if claim is not None:
            sentence = "as a test wishes"
            self.ledger.fail(claim, Reason.STORE_REJECTED, sentence, retry_from=claim.photo.state)

    @rule(data=st.data())
    def is_tried_again(self, data: st.DataObject) -> None:
        photos = list(self.ledger.photos())
        if photos:
            self.ledger.retry(data.draw(st.sampled_from(photos)).id)

    @rule()
    def is_rebuilt(self) -> None:
        """The ledger is lost: what the folders hold is given again, as it was told."""
        self.ledger.close()
        self.generation += 1
        self.held.clear()
        self._open()
        there = {
            (path, digest): said
            for (path, digest), said in self.last.items()
            if path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == digest
        }
        self.seen = {digest for _, digest in there}
        self.last = there
        arrivals = [self._arrival(path, said) for (path, _), said in there.items()]
        adopt(self.engine, arrivals)
        known = {photo.image.id for photo in self.ledger.photos() if photo.image is not None}
        # What nobody gave again is another's: another test's matter.
        self.shop.images = [image for image in self.shop.images if image.id in known]

    @invariant()
    def nothing_is_there_twice(self) -> None:
        photos = list(self.ledger.photos())
        placed = Counter(
            (photo.placement.product_id, photo.sha256) for photo in photos if photo.placement
        )
        unplaced = Counter(
            (photo.path, photo.sha256) for photo in photos if photo.placement is None
        )
        assert all(number == 1 for number in (placed | unplaced).values())
        images = Counter(map(_content_and_product, self.shop.images))
        assert all(number == 1 for number in images.values())
        assert self.seen <= {photo.sha256 for photo in photos}, "a content is not known any more"

    def teardown(self) -> None:
        try:
            self._goes_to_its_end()
        finally:
            self.ledger.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _goes_to_its_end(self) -> None:
        """Once the shop knows every SKU, all that was told is there, and once."""
        while self.held:
            self.engine.advance(self.held.pop())
        self.shop.known |= LATER
        for photo in list(self.ledger.photos()):
            if photo.state in (State.FAILED, State.WAITING):
                self.ledger.retry(photo.id)
        self._work_until_nothing_is_due()
        there = {
            (photo.placement.product_id, photo.sha256)
            for photo in self.ledger.photos(State.STORED)
            if photo.placement is not None
        }
        products = {**SKUS, **LATER}
        for (path, digest), said in self.last.items():
            product = said if isinstance(said, int) else products[said]
            assert (product, digest) in there, f"{path.name} as {said} was lost"
        self.nothing_is_there_twice()
        assert all(photo.state in FINAL_STATES for photo in self.ledger.photos())

    def _work_until_nothing_is_due(self) -> None:
        for _ in range(500):
            claims = [self.ledger.claim_next(step, ANYBODYS) for step in Step]
            for claim in claims:
                if claim is not None:
                    self.engine.advance(claim)
            if not any(claims):
                return
        raise AssertionError("the work did not come to an end")


def _content_and_product(image: StoredImage) -> tuple[str, int]:
    return image.image_file, image.product_id


@pytest.fixture(params=KINDS)
def machine(request: pytest.FixtureRequest) -> type[Rearrivals]:
    class OfKind(Rearrivals):
        kind = request.param

    return OfKind


def _tried(machine: type[Rearrivals], sequences: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=25,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_whatever_arrives_again_is_one_photograph_and_none_is_lost(
    machine: type[Rearrivals],
) -> None:
    _tried(machine, 25)


@pytest.mark.parametrize("order", list(itertools.permutations(("AAA", "TYPO", "CCC", 5))))
def test_a_shot_given_for_one_product_after_another_is_each_of_theirs(
    machine: type[Rearrivals], order: tuple[str | int, ...]
) -> None:
    tried = machine()
    for said in order:
        tried.arrives("a.jpg", said)
        tried.is_worked_on(Step.PREPARE, 9)
        tried.is_worked_on(Step.UPLOAD, 9)
        tried.nothing_is_there_twice()
    tried.teardown()


def test_what_is_said_of_one_that_is_in_hand_is_taken_in_afterwards(
    machine: type[Rearrivals],
) -> None:
    tried = machine()
    tried.arrives("a.jpg", "AAA")
    tried.is_taken_in_hand()
    arrives = arrival(tried.path("a.jpg"), sku="BBB")
    assert tried.engine.submit(arrives) is None
    tried.is_let_go_of()
    photo = tried.engine.submit(arrives)
    assert photo is not None
    assert photo.sku == "BBB"
    tried.teardown()


@pytest.mark.long
def test_thousands_of_sequences_of_arrivals_lose_none_and_double_none(
    machine: type[Rearrivals],
) -> None:
    # REARRIVALS=20000 is the whole proof, and takes half an hour.
    _tried(machine, int(os.environ.get("REARRIVALS", "3000")))
