"""Shops that have a name: read from the settings file, one of them in use, none silently."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigError
from pipeline.opening import address_of, missing_shop
from pipeline.settings import Loaded, load
from pipeline.shops import TEST_SHOP, named_shops

TWO = """\
shop = "main"

[shops.main]
store_hash = "abc123"
access_token = "token-of-main"

[shops.outlet]
store_url = "https://outlet.example/v3"
access_token = "token-of-outlet"
ca_file = "/outlet.pem"
"""

HASH, TOKEN = "BIGCOMMERCE_STORE_HASH", "BIGCOMMERCE_ACCESS_TOKEN"


def loaded(
    home: Path, text: str, environment: dict[str, str] | None = None, **flags: object
) -> Loaded:
    home.mkdir(parents=True, exist_ok=True)
    file = home / "pipeline.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return load({"home": home, **flags}, environment or {})


def where(force: Loaded) -> tuple[str | None, str, str] | None:
    address = address_of(force.settings)
    return None if address is None else (address.name, address.base_url, address.token)


MAIN = ("main", "https://api.bigcommerce.com/stores/abc123/v3", "token-of-main")
OUTLET = ("outlet", "https://outlet.example/v3", "token-of-outlet")


def test_a_flag_names_the_shop_before_the_environment_and_that_before_the_file(
    tmp_path: Path,
) -> None:
    other = {"PIPELINE_SHOP": "outlet"}
    assert where(loaded(tmp_path, TWO)) == MAIN
    assert where(loaded(tmp_path, TWO, other)) == OUTLET
    assert where(loaded(tmp_path, TWO, other, shop="main")) == MAIN
    force = loaded(tmp_path, TWO, shop="outlet")
    assert str(force.sources["store_url"]) == f"{tmp_path / 'pipeline.toml'} [shops.outlet]"
    assert force.settings.ca_file == Path("/outlet.pem")
    assert loaded(tmp_path, TWO).settings.ca_file is None


def test_certificates_of_a_shop_are_over_those_that_other_programs_trust(tmp_path: Path) -> None:
    customary, own = {"REQUESTS_CA_BUNDLE": "/r.pem"}, {"PIPELINE_CA_FILE": "/p.pem"}
    text = f"ca_file = '/office.pem'\n{TWO}"
    for environment, shop, file in (
        (customary, "outlet", "/outlet.pem"),
        (customary, "main", "/office.pem"),
        (own, "outlet", "/p.pem"),
    ):
        assert loaded(tmp_path, text, environment, shop=shop).settings.ca_file == Path(file)


@pytest.mark.parametrize(("typed", "meant"), [("outlte", "outlet"), ("Main", "main")])
def test_a_mistyped_name_is_refused_with_the_nearest(
    tmp_path: Path, typed: str, meant: str
) -> None:
    with pytest.raises(ConfigError, match=f"no shop '{typed}'.*perhaps '{meant}' is meant"):
        loaded(tmp_path, TWO, shop=typed)
    with pytest.raises(ConfigError, match=r"PIPELINE_SHOP.*perhaps"):
        loaded(tmp_path, TWO, {"PIPELINE_SHOP": typed})


def test_a_name_where_none_has_one_is_refused_with_how_to_give_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="pipeline shop add outlet"):
        loaded(tmp_path, 'store_hash = "abc"\n', shop="outlet")


@pytest.mark.parametrize("by", ["flag", "environment", "file"])
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        (HASH, "def456"),
        ("PIPELINE_STORE_URL", "https://other.example/v3"),
        (TOKEN, "another-token"),
    ],
)
def test_an_environment_that_says_otherwise_is_refused_with_what_to_do(
    tmp_path: Path, by: str, variable: str, value: str
) -> None:
    environment = {variable: value, **({"PIPELINE_SHOP": "main"} if by == "environment" else {})}
    flags = {"shop": "main"} if by == "flag" else {}
    with pytest.raises(ConfigError, match=f"unset {variable} to work for 'main'") as error:
        loaded(tmp_path, TWO, environment, **flags)
    assert "token" not in str(error.value).replace("access token", "")


def test_an_environment_that_says_the_same_is_no_contradiction(tmp_path: Path) -> None:
    for environment in (
        {HASH: "abc123"},
        {TOKEN: "token-of-main"},
        {HASH: "ABC123", TOKEN: "token-of-main"},
        {"PIPELINE_STORE_URL": "https://api.bigcommerce.com/stores/abc123/v3/"},
    ):
        assert where(loaded(tmp_path, TWO, environment)) == MAIN
    without = TWO.replace('access_token = "token-of-main"\n', "")
    assert where(loaded(tmp_path, without, {TOKEN: "token-of-main"})) == MAIN


def test_what_the_file_says_of_a_shop_without_a_name_counts_where_none_is_named(
    tmp_path: Path,
) -> None:
    flat = 'store_hash = "ghi789"\naccess_token = "flat"\n'
    tables = TWO.partition("\n")[2]
    unnamed = (None, "https://api.bigcommerce.com/stores/ghi789/v3", "flat")
    assert where(loaded(tmp_path, flat + tables)) == unnamed
    assert where(loaded(tmp_path, flat + tables, shop="outlet")) == OUTLET
    with pytest.raises(ConfigError, match="take the line store_hash out"):
        loaded(tmp_path, flat + TWO)


def test_a_shop_without_a_name_is_called_by_the_one_that_it_has_in_a_table(tmp_path: Path) -> None:
    tables = TWO.partition("\n")[2]
    found = where(loaded(tmp_path, tables, {HASH: "abc123", TOKEN: "flat"}))
    assert found == ("main", MAIN[1], "flat")


def test_where_shops_have_names_and_none_is_in_use_none_is_picked(tmp_path: Path) -> None:
    force = loaded(tmp_path, TWO.partition("\n")[2])
    for question in (address_of, missing_shop):
        with pytest.raises(ConfigError, match=r"pipeline shop use NAME.*main, outlet"):
            question(force.settings)
    assert where(loaded(tmp_path, TWO.partition("\n")[2], test_shop=True)) is None


def test_what_weighs_more_decides_between_a_shop_and_the_test_shop(tmp_path: Path) -> None:
    assert where(loaded(tmp_path, TWO, test_shop=True)) is None
    assert where(loaded(tmp_path, f"test_shop = true\n{TWO}")) is None
    assert where(loaded(tmp_path, f"test_shop = true\n{TWO}", shop="outlet")) == OUTLET
    assert where(loaded(tmp_path, TWO, {"PIPELINE_TEST_SHOP": "1"}, shop="outlet")) == OUTLET
    # What is not used need not be right.
    assert where(loaded(tmp_path, TWO, {HASH: "def456"}, test_shop=True)) is None
    with pytest.raises(ConfigError, match="--shop or --test-shop, not both"):
        loaded(tmp_path, TWO, shop="main", test_shop=True)


def test_a_shop_without_a_token_says_how_it_gets_one(tmp_path: Path) -> None:
    force = loaded(tmp_path, TWO.replace('access_token = "token-of-main"\n', ""))
    with pytest.raises(ConfigError, match="'main' has no access token"):
        address_of(force.settings)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("shops = 3\n", "a table of its own"),
        ("[shops]\nmain = 3\n", "a table of its own"),
        ("[shops.main]\n", "store_hash or store_url"),
        ('[shops.main]\nstore_hash = "a"\nstore_url = "https://a.b/v3"\n', "one of them"),
        ('[shops.main]\nstore_hash = "a b"\n', "letters and digits"),
        ('[shops.main]\nstore_hsah = "a"\n', "perhaps store_hash is meant"),
        ('[shops."my shop"]\nstore_hash = "a"\n', "letters, digits, - and _"),
        ('[shops.main]\nstore_hash = "a"\naccess_token = "se cret"\n', "access_token is wrong"),
        ('[shops.a]\nstore_hash = "x"\n[shops.b]\nstore_hash = "X"\n', "are the same shop"),
    ],
)
def test_a_wrong_table_is_named_with_the_file_and_what_would_be_right(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=r"pipeline\.toml") as error:
        loaded(tmp_path, text)
    assert said in str(error.value)
    assert "se cret" not in str(error.value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["main", "store_hash", "store_url", "access_token", "", "a b"]),
                inner,
                max_size=3,
            )
        ),
        max_leaves=8,
    )
)
def test_whatever_stands_there_is_shops_or_refused_in_a_sentence(given: object) -> None:
    try:
        shops = named_shops(given, Path("pipeline.toml"))
    except ConfigError as error:
        shops, said = (), str(error)
    else:
        said = "pipeline.toml"
    assert "pipeline.toml" in said
    assert all(shop.name and shop.address for shop in shops)


def test_a_token_in_a_table_is_kept_from_others_as_any(tmp_path: Path) -> None:
    loaded(tmp_path, TWO)
    (tmp_path / "pipeline.toml").chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        load({"home": tmp_path}, {})


@pytest.mark.parametrize(
    ("text", "environment", "flags", "taken"),
    [
        ("", {}, {}, {"", TEST_SHOP}),
        ("", {HASH: "abc123", TOKEN: "t"}, {}, {""}),
        ("", {HASH: "abc123", TOKEN: "t"}, {"test_shop": True}, {TEST_SHOP}),
        (TWO, {}, {}, {"", "main"}),
        (TWO, {}, {"shop": "main"}, {"", "main"}),
        (TWO, {}, {"shop": "outlet"}, {"outlet"}),
        (TWO, {"PIPELINE_SHOP": "outlet"}, {}, {"outlet"}),
        (TWO, {}, {"test_shop": True}, {TEST_SHOP}),
        (f"test_shop = true\n{TWO}", {}, {}, {"", TEST_SHOP}),
        (f"test_shop = true\n{TWO}", {}, {"shop": "main"}, {"main"}),
    ],
)
def test_a_shot_that_names_no_shop_is_of_the_shop_that_the_file_has_in_use(
    tmp_path: Path,
    text: str,
    environment: dict[str, str],
    flags: dict[str, object],
    taken: set[str],
) -> None:
    assert loaded(tmp_path, text, environment, **flags).settings.hook_shops == taken
