"""The shops of a home: those with a name, those that answered, and what never was one."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from pipeline.home_shops import HomeShop, all_shops, never_answered, shop_asked_about
from pipeline.ledger.sqlite import open_ledger
from pipeline.opening import reader_for, remember_shop, remember_test_shop
from pipeline.settings import Settings, load
from pipeline.store_address import StoreAddress
from pipeline.values import Door
from tests.makers import ManualClock, arrival, original

NAMED = """\
shop = "main"
[shops.main]
store_hash = "abc123"
access_token = "t"
[shops.outlet]
store_hash = "def456"
"""

MAIN = "api.bigcommerce.com/stores/abc123/v3"


def settings(home: Path, text: str = "", **flags: object) -> Settings:
    home.mkdir(exist_ok=True)
    (home / "pipeline.toml").write_text(text)
    (home / "pipeline.toml").chmod(0o600)
    return load({"home": home, **flags}, {}).settings


def rows(home: Path, store: str) -> None:
    """Have a photograph written down for a store."""
    file = home / "ledger.sqlite3"
    with closing(open_ledger(file, store, Door.RUN, ManualClock().now)) as ledger:
        ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))


def told(given: Settings) -> tuple[HomeShop, str | None, list[str], dict[str, int]]:
    with reader_for(given, None) as reader:
        asked, missing = shop_asked_about(given, reader)
        names = [shop.words for shop in all_shops(given, reader)]
        return asked, missing, names, dict(never_answered(given, reader))


def test_a_new_home_has_the_test_shop_alone(tmp_path: Path) -> None:
    asked, missing, names, silent = told(settings(tmp_path))
    assert (asked.is_test, missing, names, silent) == (True, None, [asked.words], {})


def test_shops_with_a_name_come_first_and_whoever_answered_follows(tmp_path: Path) -> None:
    given = settings(tmp_path, NAMED)
    rows(tmp_path, "old.example/v3")
    rows(tmp_path, "never.example/v3")
    remember_shop(tmp_path, StoreAddress(base_url="https://old.example/v3", token="t"))
    asked, missing, names, silent = told(given)
    assert (asked.words, asked.answered, missing) == ("main (abc123)", False, None)
    assert names == ["main (abc123)", "outlet (def456)", "old.example"]
    assert silent == {"never.example/v3": 1}
    rows(tmp_path, "local/stores/x/v3")
    assert told(given)[2][-1] == "test shop on this machine"


def test_of_a_shop_without_a_token_it_is_said_and_its_photographs_are_told(tmp_path: Path) -> None:
    asked, missing, *_ = told(settings(tmp_path, NAMED, shop="outlet"))
    assert asked.identity == "api.bigcommerce.com/stores/def456/v3"
    assert missing is not None
    assert "no access token" in missing


def test_where_no_shop_is_set_and_one_is_known_all_is_told(tmp_path: Path) -> None:
    remember_shop(tmp_path, StoreAddress(base_url=f"https://{MAIN}", token="t"))
    asked, missing, *_ = told(settings(tmp_path))
    assert asked.identity is None
    assert missing is not None


def test_the_test_shop_is_known_by_what_was_noted_when_it_was_started(tmp_path: Path) -> None:
    given = settings(tmp_path)
    for name in ("one", "two"):
        rows(tmp_path, f"local/stores/{name}/v3")
    remember_test_shop(tmp_path, "local/stores/two/v3")
    assert told(given)[0].identity == "local/stores/two/v3"
