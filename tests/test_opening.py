"""Which store is meant, and the ledger of a home: opened to ask it, to work with, to rehearse."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.opening import (
    address_of,
    known_shop,
    ledger_for,
    missing_shop,
    reader_for,
    rehearsal_home,
    remember_shop,
)
from pipeline.settings import Settings, load
from pipeline.store_address import StoreAddress
from pipeline.values import Door
from tests.makers import ManualClock, arrival, original

TOKEN = "a-secret-token"


def settings(home: Path, **values: object) -> Settings:
    return load({"home": home, **values}, {}).settings


def test_where_nothing_is_set_there_is_no_store(tmp_path: Path) -> None:
    assert address_of(settings(tmp_path)) is None


def test_a_hash_and_a_token_name_the_shop_at_its_public_address(tmp_path: Path) -> None:
    address = address_of(settings(tmp_path, store_hash="abc123", access_token=TOKEN))
    assert address == StoreAddress(
        base_url="https://api.bigcommerce.com/stores/abc123/v3", token=TOKEN
    )


def test_another_address_is_taken_as_a_whole_and_over_the_hash(tmp_path: Path) -> None:
    given = settings(
        tmp_path,
        store_hash="abc123",
        store_url="http://127.0.0.1:4000/stores/x/v3/",
        access_token=TOKEN,
    )
    address = address_of(given)
    assert address is not None
    assert address.base_url == "http://127.0.0.1:4000/stores/x/v3"


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({"store_hash": "abc123"}, "BIGCOMMERCE_ACCESS_TOKEN"),
        ({"store_url": "https://example.com/v3"}, "BIGCOMMERCE_ACCESS_TOKEN"),
        ({"access_token": TOKEN}, "BIGCOMMERCE_STORE_HASH"),
        ({"access_token": TOKEN, "store_url": "example.com"}, "https://"),
        ({"access_token": TOKEN, "store_url": "http://example.com/v3"}, "in the clear"),
        ({"access_token": f"{TOKEN} ", "store_hash": "abc123"}, "copy it again"),
    ],
)
def test_a_store_that_is_named_by_half_or_wrongly_is_refused_with_what_is_missing(
    tmp_path: Path, values: dict[str, str], missing: str
) -> None:
    with pytest.raises(ConfigError) as error:
        address_of(settings(tmp_path, **values))
    assert missing in str(error.value)
    assert TOKEN not in str(error.value)


def test_a_reader_sees_what_was_recorded_of_one_store_or_of_all(tmp_path: Path) -> None:
    given, clock = settings(tmp_path), ManualClock()
    addresses = [
        StoreAddress(base_url=f"https://example.com/stores/{name}/v3", token=TOKEN)
        for name in ("one", "two")
    ]
    for address in addresses:
        with ledger_for(given, address, clock, Door.RUN) as ledger:
            ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    with reader_for(given, addresses[0].identity) as reader:
        assert len(list(reader.photos())) == 1
    with reader_for(given, None) as reader:
        assert len(list(reader.photos())) == 2


def test_a_rehearsal_knows_what_the_ledger_knows_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    home, clock = tmp_path / "home", ManualClock()
    address = StoreAddress(base_url="https://example.com/stores/one/v3", token=TOKEN)
    with ledger_for(settings(home), address, clock, Door.RUN) as ledger:
        ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    with rehearsal_home(home) as copy:
        with ledger_for(settings(copy), address, clock, Door.RUN) as ledger:
            assert len(list(ledger.photos())) == 1
            ledger.receive(arrival("/158/b.jpg"), original("/158/b.jpg", b"another"))
        assert copy != home
    assert not copy.exists()
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


def test_a_rehearsal_of_a_home_that_is_not_there_makes_none(tmp_path: Path) -> None:
    with rehearsal_home(tmp_path / "home") as copy:
        assert copy.is_dir()
    assert not (tmp_path / "home").exists()


REAL = StoreAddress(base_url="https://api.example.com/stores/abc/v3", token=TOKEN)
LOCAL = StoreAddress(base_url="http://127.0.0.1:4000/stores/abc/v3", token=TOKEN)


def test_a_home_that_knew_no_real_shop_misses_none(tmp_path: Path) -> None:
    assert missing_shop(settings(tmp_path / "home")) is None
    remember_shop(tmp_path / "home", LOCAL)
    assert not (tmp_path / "home").exists()
    with ledger_for(settings(tmp_path), REAL, ManualClock(), Door.RUN) as ledger:
        ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    assert known_shop(tmp_path) is None, "it never answered"


def test_a_shop_that_answered_is_missed_where_none_is_set_and_none_is_asked_for(
    tmp_path: Path,
) -> None:
    for _ in range(2):
        remember_shop(tmp_path, REAL)
    assert (tmp_path / "known-shops").read_text() == f"{REAL.identity}\n"
    missing = missing_shop(settings(tmp_path))
    assert missing is not None
    for words in (REAL.identity, "BIGCOMMERCE_STORE_HASH", str(tmp_path / "pipeline.toml")):
        assert words in missing
    assert missing_shop(settings(tmp_path, test_shop=True)) is None
    assert missing_shop(settings(tmp_path, store_url=LOCAL.base_url, access_token=TOKEN)) is None


def test_the_test_shop_is_taken_where_it_is_asked_for_whatever_is_set(tmp_path: Path) -> None:
    assert address_of(settings(tmp_path, store_hash="abc", test_shop=True)) is None


def test_a_shop_whose_catalogue_was_read_has_answered(tmp_path: Path) -> None:
    clock = ManualClock()
    for address in (LOCAL, REAL):
        with ledger_for(settings(tmp_path), address, clock, Door.RUN) as ledger:
            asked = replace(ledger.catalogue_age(), asked=1)
            assert ledger.age_catalogue(ledger.catalogue_age(), asked)
        assert known_shop(tmp_path) is None
        with ledger_for(settings(tmp_path), address, clock, Door.RUN) as ledger:
            read = replace(ledger.catalogue_age(), read_at=clock.now())
            assert ledger.age_catalogue(ledger.catalogue_age(), read)
    assert known_shop(tmp_path) == REAL.identity
