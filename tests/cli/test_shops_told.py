"""Which shops a command tells of, and its first lines."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from pipeline.cli.shops_told import never_answered_sentences, readers, shops_told
from pipeline.settings import Settings
from tests.test_home_shops import NAMED, rows, settings


@pytest.fixture
def given(tmp_path: Path) -> Settings:
    rows(tmp_path, "never.example/v3")
    return settings(tmp_path, NAMED)


def test_each_shop_has_a_line_and_a_reader_of_its_own(given: Settings) -> None:
    told = shops_told(given, {}, every=True)
    lines = [(told.first_line(shop), reader.stores()) for shop, reader in readers(given, told)]
    assert lines == [
        ("Shop: main (abc123), which has never answered", {}),
        ("Shop: outlet (def456), which has never answered", {}),
    ]


def test_an_address_that_never_answered_is_told_with_how_it_is_dropped(given: Settings) -> None:
    (sentence,) = never_answered_sentences(shops_told(given, {}, every=False))
    assert "`pipeline shop forget never.example/v3`" in sentence


@pytest.mark.parametrize("flags", [{"shop": "main"}, {"test_shop": True}])
def test_one_shop_and_all_shops_contradict(given: Settings, flags: dict[str, object]) -> None:
    with pytest.raises(click.UsageError, match="not both"):
        shops_told(given, flags, every=True)
