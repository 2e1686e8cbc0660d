"""Settings in, a working engine out: which store is meant, and that the pieces fit together."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pipeline.assembly import engine_for, run_engine
from pipeline.claimable import ANYBODYS
from pipeline.engine import REHEARSAL, Engine, SilentObserver
from pipeline.intake import scan
from pipeline.lifecycle import Reason, State
from pipeline.scope import EVERYTHING
from pipeline.settings import Settings, load
from pipeline.store_address import StoreAddress
from pipeline.values import Door, Picture, Step
from tests.localstore.pictures import picture
from tests.localstore.process import StoreProcess
from tests.makers import START, ManualClock
from tests.servers import local_store

TOKEN = "a-secret-token"


class RealTime(ManualClock):
    """A clock that goes by itself."""

    def monotonic(self) -> float:
        return time.monotonic()


def settings(home: Path, **values: object) -> Settings:
    return load({"home": home, **values}, {}).settings


@contextmanager
def working(
    home: Path, store: StoreProcess, clock: ManualClock | None = None, **values: object
) -> Iterator[Engine]:
    address = StoreAddress(base_url=store.url, token=store.token)
    clock = clock or RealTime()
    given = settings(home, **{"plain_ids": True, **values})
    with engine_for(given, address, clock, SilentObserver(), Door.RUN) as engine:
        yield engine


def test_the_pieces_take_a_photograph_from_a_folder_into_the_store(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    (shop / "158").mkdir(parents=True)
    (shop / "158/158_2.jpg").write_bytes(picture("JPEG", (640, 480)))
    (shop / "whose.jpg").write_bytes(picture("JPEG", (64, 48)))
    (shop / "158/text.jpg").write_text("this is a text")
    with local_store(tmp_path / "store", catalogue="158,SM-13,Mug,\n") as store:
        with working(tmp_path / "home", store) as engine:
            arrivals = scan([shop], door=Door.RUN, now=START)
            outcome = run_engine(settings(tmp_path / "home"), engine, arrivals)
            photos = {photo.path.name: photo for photo in engine.ledger.photos()}
        (image,) = store.images(158)
        kept = store.control("GET", f"_originals/{image['id']}").content
    assert outcome.error is None
    assert not outcome.stopped
    assert {name: photo.state for name, photo in photos.items()} == {
        "158_2.jpg": State.STORED,
        "text.jpg": State.REFUSED,
        "whose.jpg": State.WAITING,
    }
    stored = photos["158_2.jpg"]
    assert stored.image is not None
    assert stored.picture is not None
    assert (stored.image.id, stored.image.sort_order) == (image["id"], 2)
    assert len(kept) == stored.picture.size
    assert photos["whose.jpg"].reason is Reason.PRODUCT_UNKNOWN
    assert list((tmp_path / "home/spool").rglob("*.jpg")) == [], "what is stored is not kept twice"


def test_an_engine_that_rehearses_prepares_and_sends_nothing(tmp_path: Path) -> None:
    (tmp_path / "158").mkdir()
    (tmp_path / "158/158_1.jpg").write_bytes(picture("JPEG", (640, 480)))
    ticks: list[bool] = []
    with (
        local_store(tmp_path / "store", catalogue="158,SM-13,Mug,\n") as store,
        working(tmp_path / "home", store) as engine,
    ):
        arrivals = scan([tmp_path / "158"], door=Door.RUN, now=START)
        given = settings(tmp_path / "home")
        run_engine(given, engine, arrivals, REHEARSAL, tick=lambda: ticks.append(True))
        (photo,) = engine.ledger.photos()
        assert store.images(158) == []
    assert photo.state is State.PREPARED
    assert ticks


def test_a_picture_that_several_products_have_is_kept_until_the_last_of_them_has_it(
    tmp_path: Path,
) -> None:
    products = (158, 159, 160)
    for product in products:
        (tmp_path / f"shop/{product}").mkdir(parents=True)
        (tmp_path / f"shop/{product}/cover.jpg").write_bytes(picture("JPEG", (640, 480)))
    with local_store(tmp_path / "store", "--open") as store:
        with working(tmp_path / "home", store) as engine:
            arrivals = scan([tmp_path / "shop"], door=Door.RUN, now=START)
            run_engine(settings(tmp_path / "home"), engine, arrivals, REHEARSAL)
        with working(tmp_path / "home", store) as engine:
            engine.ledger.take_up(EVERYTHING)
            for left in range(len(products), 0, -1):
                assert len(list((tmp_path / "home/spool").rglob("*.jpg"))) == left
                claim = engine.ledger.claim_next(Step.UPLOAD, ANYBODYS)
                assert claim is not None
                engine.advance(claim)
                engine.ledger.make_durable()
                done = engine.ledger.photo(claim.photo.id)
                assert done is not None
                assert done.state is State.STORED
        assert [len(store.images(product)) for product in products] == [1, 1, 1]


def test_a_picture_that_is_gone_from_the_spool_when_it_is_sent_is_made_again(
    tmp_path: Path,
) -> None:
    (tmp_path / "158").mkdir()
    (tmp_path / "158/158_1.jpg").write_bytes(picture("JPEG", (640, 480)))
    with (
        local_store(tmp_path / "store", "--open") as store,
        working(tmp_path / "home", store) as engine,
    ):
        arrivals = scan([tmp_path / "158"], door=Door.RUN, now=START)
        ready = engine.stages.ready

        def swept(kept: Picture) -> bool:
            was = ready(kept)
            (tmp_path / "home/spool" / kept.spool_name).unlink()
            engine.stages = replace(engine.stages, ready=ready)
            return was

        engine.stages = replace(engine.stages, ready=swept)
        run_engine(settings(tmp_path / "home"), engine, arrivals)
        (photo,) = engine.ledger.photos()
        assert (photo.state, photo.attempts) == (State.STORED, 0)
        assert len(store.images(158)) == 1
