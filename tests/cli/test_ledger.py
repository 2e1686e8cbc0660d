"""`pipeline ledger` and `pipeline verify`: the calls; what they do is told in the stories."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Studio
from tests.stories.commands import Command, photograph


def test_a_ledger_that_is_whole_is_said_to_be(studio: Studio) -> None:
    assert "whole, and all its rows agree" in studio.pipeline("ledger", "check").well().out


def test_a_home_without_a_ledger_has_none_to_check(tmp_path: Path) -> None:
    check = Command(tmp_path / "home")("ledger", "check")
    assert check.status == 2
    assert "nothing has arrived yet" in check.err


def test_a_backup_goes_where_it_is_told_and_over_nothing(studio: Studio, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    assert "copied to" in studio.pipeline("ledger", "backup", copy).well().out
    before = copy.read_bytes()
    again = studio.pipeline("ledger", "backup", copy)
    assert again.status == 2
    assert "is there already" in again.err
    assert copy.read_bytes() == before


@pytest.mark.parametrize("words", [(), ("--image", "1", "--not-there")])
def test_settling_wants_one_word_of_what_it_is(studio: Studio, words: tuple[str, ...]) -> None:
    settle = studio.pipeline("ledger", "settle", studio.stored, *words)
    assert settle.status == 2
    assert "give --image with its id, or --not-there" in settle.err


def test_what_is_not_in_doubt_is_not_settled(studio: Studio) -> None:
    settle = studio.pipeline("ledger", "settle", studio.stored, "--not-there")
    assert settle.status == 1
    assert "in doubt" in settle.err


def test_a_product_is_given_in_one_way(studio: Studio, tmp_path: Path) -> None:
    file = photograph(tmp_path / "a.jpg")
    rebuild = studio.pipeline("ledger", "rebuild", "--product", 1, "--sku", "A", file)
    assert rebuild.status == 2
    assert "give --product or --sku, not both" in rebuild.err


def test_where_ledger_and_store_agree_verify_is_content(studio: Studio) -> None:
    assert "1 stored, 0 differences, 0 mended" in studio.pipeline("verify").well().out
    assert studio.pipeline("verify", "--json").well().document == []
