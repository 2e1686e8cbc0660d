"""`pipeline shop`, where no shop is needed: what it writes, and what it refuses."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from pipeline.cli.main import commands
from pipeline.hook.inbox import current_product, set_current_product
from pipeline.settings import load

URL = "https://outlet.example/v3"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(("PIPELINE_", "BIGCOMMERCE_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIPELINE_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    return tmp_path


def called(*words: str, stdin: str = "") -> object:
    before, sys.stdin = sys.stdin, io.StringIO(stdin)
    try:
        return commands.main(list(words), standalone_mode=False)
    finally:
        sys.stdin = before


def add(*words: str) -> object:
    return called("shop", "add", *words, "--token-stdin", "--no-try", stdin="a-token\n")


def test_the_first_shop_is_the_one_in_use(home: Path) -> None:
    assert (add("main", "abc123"), add("outlet", "--url", URL)) == (0, 0)
    force = load({}, os.environ)
    assert (force.settings.shop, force.settings.store_hash) == ("main", "abc123")
    assert [shop.name for shop in force.settings.shops] == ["main", "outlet"]
    assert (home / "pipeline.toml").stat().st_mode & 0o077 == 0


def test_a_shop_that_is_named_again_in_other_words_stays_as_it_is_written(home: Path) -> None:
    address = "https://api.bigcommerce.com/stores/abc123/v3"
    assert (add("main", "abc123"), add("main", "--url", address), add("main", "ABC123")) == (
        0,
        0,
        0,
    )
    (shop,) = load({}, os.environ).settings.shops
    assert (shop.store_hash, shop.store_url) == ("abc123", None)


def test_a_shop_without_a_name_gets_one_with_its_token(home: Path) -> None:
    file = home / "pipeline.toml"
    file.write_text('store_hash = "abc123"  # ours\naccess_token = "old"\nworkers = 1\n')
    file.chmod(0o600)
    assert add("outlet", "def456") == 0
    assert load({}, os.environ).settings.store_hash == "abc123"
    with pytest.raises(Exception, match="give it one first"):
        called("shop", "use", "outlet")
    assert called("shop", "add", "main", "abc123", "--no-try") == 0
    force = load({}, os.environ).settings
    assert (force.shop, force.store_hash, force.workers) == ("main", "abc123", 1)
    assert force.access_token is not None
    assert force.access_token.reveal() == "old"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("my shop", "x1"), "letters, digits"),
        (("main", "x1"), "another shop already"),
        (("other", "ABC123"), "has a name already: main"),
        (("other", "a b"), "letters and digits"),
        (("other", "x1", "--url", URL), "not both"),
        (("other", "--url", "outlet.example"), "https://"),
        (("other",), "nobody can be asked"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    home: Path, words: tuple[str, ...], said: str
) -> None:
    add("main", "abc123")
    before = (home / "pipeline.toml").read_text()
    with pytest.raises(Exception, match=said):
        add(*words)
    assert (home / "pipeline.toml").read_text() == before


def test_where_nobody_can_be_asked_for_the_token_it_comes_from_standard_input(home: Path) -> None:
    with pytest.raises(Exception, match="--token-stdin"):
        called("shop", "add", "main", "abc123")
    with pytest.raises(Exception, match="the access token is wrong") as refused:
        called("shop", "add", "main", "abc123", "--token-stdin", stdin="to ken\n")
    assert "to ken" not in str(refused.value)
    assert not (home / "pipeline.toml").exists()


def test_what_was_on_the_table_was_the_other_shops(home: Path) -> None:
    add("main", "abc123")
    add("outlet", "--url", URL)
    set_current_product(str(home), {"sku": "SM-13"})
    called("shop", "use", "main")
    assert current_product(str(home)) == {"sku": "SM-13"}
    called("shop", "use", "outlet")
    assert current_product(str(home)) == {}


def test_a_shop_that_is_removed_leaves_none_in_use(home: Path) -> None:
    add("main", "abc123")
    add("outlet", "--url", URL)
    assert called("shop", "remove", "main", "--yes") == 0
    force = load({}, os.environ).settings
    assert (force.shop, [shop.name for shop in force.shops]) == (None, ["outlet"])
    assert "a-token" in (home / "pipeline.toml").read_text()
