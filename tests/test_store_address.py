from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.errors import ConfigError
from pipeline.store_address import StoreAddress, store_meant


def address(url: str) -> StoreAddress:
    return StoreAddress(base_url=url, token="token")


@pytest.mark.parametrize(
    "url",
    [
        "https://api.bigcommerce.com/stores/abc/v3",
        "https://api.bigcommerce.com/stores/abc/v3/",
        "https://api.bigcommerce.com:8443/stores/abc/v3",
        "http://127.0.0.1:4000/stores/abc/v3",
        "http://[::1]:4000/stores/abc/v3",
        "http://localhost:4000/stores/abc/v3",
    ],
)
def test_an_address_up_to_v3_is_taken(url: str) -> None:
    assert address(url).base_url == url


@pytest.mark.parametrize(
    "url",
    [
        "api.bigcommerce.com/stores/abc/v3",
        "ftp://api.bigcommerce.com/stores/abc/v3",
        "https:///stores/abc/v3",
        "https://[::1/stores/abc/v3",
        "https://api.bigcommerce.com:port/stores/abc/v3",
        "https://api.bigcommerce.com:99999/stores/abc/v3",
        "https://api.bigcommerce.com/stores/abc",
        "https://api.bigcommerce.com/stores/abc/v3/catalog/products",
        "https://api.bigcommerce.com/stores/a b/v3",
        "https://api.bigcommerce.com/stores/abc/v3\n",
        "https://caf\u00e9.example/stores/abc/v3",
    ],
)
def test_what_is_no_such_address_is_refused_and_shown(url: str) -> None:
    with pytest.raises(ConfigError, match="the shop's address is wrong") as error:
        address(url)
    assert repr(url) in str(error.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.bigcommerce.com/stores/abc/v3",
        "http://127.0.0.1.example.com/v3",
        "http://localhost.example.com/v3",
        "http://10.0.0.7/v3",
    ],
)
def test_no_token_is_sent_in_the_clear_to_another_machine(url: str) -> None:
    with pytest.raises(ConfigError, match="in the clear"):
        address(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://me:hidden@api.bigcommerce.com/v3",
        "ftp://me:hidden@api.bigcommerce.com/v3",
        "https://me:hidden@[::1/v3",
        "https://api.bigcommerce.com/v3?token=hidden",
        "https://api.bigcommerce.com/v3#hidden",
    ],
)
def test_what_may_be_a_secret_in_an_address_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(ConfigError) as error:
        address(url)
    assert "hidden" not in str(error.value)


@pytest.mark.parametrize("url", ["", "t0ps3cret", "t0p-s3cret", "https:t0ps3cret"])
def test_what_may_be_a_token_in_the_place_of_an_address_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(ConfigError, match="it begins with https://") as error:
        address(url)
    assert "s3cret" not in str(error.value)


def test_a_store_is_known_by_its_address_and_a_local_one_by_its_path_alone() -> None:
    assert address("https://API.example.com/stores/abc/v3/").identity == (
        "api.example.com/stores/abc/v3"
    )
    local = {address(f"http://127.0.0.1:{port}/stores/abc/v3").identity for port in (1, 2, 3)}
    assert local == {"local/stores/abc/v3"}


@given(st.text(max_size=60).map(lambda rest: f"https://{rest}") | st.text(max_size=30))
@example("https://\u2100/v3")
def test_whatever_is_given_as_an_address_is_taken_or_refused_in_a_sentence(url: str) -> None:
    with suppress(ConfigError):
        assert address(url).identity


@pytest.mark.parametrize(
    "given",
    [
        "a1b2c3",
        "  a1b2c3\n",
        '"a1b2c3"',
        "https://api.bigcommerce.com/stores/a1b2c3/v3/",
        "https://api.bigcommerce.com/stores/a1b2c3/v3",
        "https://api.bigcommerce.com/stores/a1b2c3",
        "HTTPS://API.BigCommerce.com/stores/a1b2c3/v2/",
        "api.bigcommerce.com/stores/a1b2c3/v3/",
        "https://api.bigcommerce.com/stores/a1b2c3/v3/catalog/products",
        "/stores/a1b2c3/v3/",
        "stores/a1b2c3/v3",
        "https://store-a1b2c3.mybigcommerce.com",
        "https://store-a1b2c3-1.mybigcommerce.com/manage/settings",
    ],
)
def test_a_store_is_understood_as_it_was_copied(given: str) -> None:
    assert store_meant(given) == ("store_hash", "a1b2c3")


def test_another_address_is_one_as_it_is() -> None:
    for url in ("http://127.0.0.1:4000/stores/abc/v3/", "https://shop.example/stores/abc/v3"):
        assert store_meant(url) == ("store_url", url.rstrip("/"))


@pytest.mark.parametrize("given", ["", "my shop", "my-shop.com", "https://a.com/", "http://a.b/v3"])
def test_what_names_no_store_is_told_what_would(given: str) -> None:
    with pytest.raises(ConfigError, match=r"as in https://api\.bigcommerce\.com/stores/"):
        store_meant(given)


def test_a_token_in_the_place_of_the_hash_is_told_and_not_shown() -> None:
    token = "q7w2e9r4t1y6u3i8o5p0a7s2d9f4g1h"
    for copied in (token, f"https://{token}"):
        with pytest.raises(ConfigError) as error:
            store_meant(copied)
        assert token not in str(error.value)


@given(st.text(max_size=40) | st.text("stores/abc:.v3-", max_size=30))
def test_whatever_is_given_as_a_store_is_one_that_can_be_asked_or_refused(given: str) -> None:
    with suppress(ConfigError):
        setting, value = store_meant(given)
        if setting == "store_url":
            address(value)
        else:
            assert value.isascii()
            assert value.isalnum()
