"""`pipeline ledger`: the calls; what they do is told in the stories."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.home import LEDGER_FILE
from pipeline.ledger.sqlite import open_ledger
from pipeline.values import Door
from tests.cli.conftest import Studio
from tests.ledger.synthetic import make, path_of
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph


def test_a_ledger_that_is_whole_is_said_to_be(studio: Studio) -> None:
    assert "records are whole and agree" in studio.pipeline("ledger", "check").well().out


def test_a_home_without_a_ledger_has_none_to_check(tmp_path: Path) -> None:
    check = Command(tmp_path / "home")("ledger", "check")
    assert check.status == 2
    assert "no photograph has arrived yet" in check.err


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


@pytest.fixture
def of_years_ago(tmp_path: Path) -> Command:
    """A home with twenty photographs that were stored in 2024, and no shop."""
    (tmp_path / "home").mkdir()
    with closing(sqlite3.connect(tmp_path / "home" / LEDGER_FILE, isolation_level=None)) as ledger:
        make(ledger, "stores/abc/v3", 20)
    return Command(tmp_path / "home")


def test_tidying_is_said_before_it_is_done_and_loses_no_photograph(of_years_ago: Command) -> None:
    listed = of_years_ago("list", "--json").well().document
    said = of_years_ago("ledger", "tidy", "--older-than", "1y").well()
    assert "20 photographs were stored before" in said.out
    assert "give --yes" in said.err
    assert len(of_years_ago("history", path_of(7)).well().out.splitlines()) == 6
    done = of_years_ago("ledger", "tidy", "--older-than", "1y", "--yes").well()
    assert "20 of them take less room now" in done.out
    assert "the file is " in done.out
    assert "nothing else can use our records" in done.err
    head, line = of_years_ago("history", path_of(7)).well().out.splitlines()
    assert f"{path_of(7)}: stored, product 10001" in head
    assert "stored as image 4007" in line
    assert of_years_ago("list", "--json").well().document == listed
    assert "whole" in of_years_ago("ledger", "check").well().out
    again = of_years_ago("ledger", "tidy", "--older-than", "12m", "--yes").well()
    assert "0 of them take less room now" in again.out


def test_while_another_process_is_at_work_the_file_stays_as_large_as_it_is(
    of_years_ago: Command,
) -> None:
    file = of_years_ago.home / LEDGER_FILE
    with closing(open_ledger(file, "stores/abc/v3", Door.RUN, lambda: datetime.now(UTC))):
        done = of_years_ago("ledger", "tidy", "--older-than", "1y", "--yes").well()
    assert "20 of them take less room now" in done.out
    assert "since another `pipeline` is at work" in done.out
    later = of_years_ago("ledger", "tidy", "--older-than", "1y", "--yes").well()
    assert " shorter, and takes " in later.out


@pytest.mark.parametrize("age", ["", "0y", "2", "y", "2 years", "-1y", "99999y"])
def test_an_age_is_said_in_years_months_or_days(of_years_ago: Command, age: str) -> None:
    tidy = of_years_ago("ledger", "tidy", "--older-than", age, "--yes")
    assert tidy.status == 2
    assert "2y, 18m or 90d" in tidy.err


def test_a_home_without_a_ledger_has_nothing_to_tidy(tmp_path: Path) -> None:
    tidy = Command(tmp_path / "home")("ledger", "tidy", "--older-than", "2y", "--yes").well()
    assert "No photograph" in tidy.out


def test_a_rebuild_says_for_programs_what_it_took_over_and_leaves_a_log(tmp_path: Path) -> None:
    with StoreProcess(tmp_path / "store", "--open", "--plan", "unlimited") as store:
        folder = photograph(tmp_path / "158" / "a.jpg", 1).parent
        Command(tmp_path / "first", store)("run", folder).well()
        photograph(folder / "b.jpg", 2)
        # The shop has it at another product.
        elsewhere = photograph(tmp_path / "159" / "c.jpg", 3)
        Command(tmp_path / "first", store)("run", "--product", 160, elsewhere).well()
        pipeline = Command(tmp_path / "home", store)
        words = ("ledger", "rebuild", "--json", folder, elsewhere.parent)
        document = pipeline(*words).well().document
        assert (document["taken_over"], document["known"], document["not_in_shop"]) == (1, 0, 2)
        assert document["store"]["kind"] == "test"
        assert (document["elsewhere"], document["elsewhere_besides"]) == ([], 0)
        lines = pipeline("logs", "--json").well().out.splitlines()
        told = [json.loads(line)["message"] for line in lines]
    assert "1 taken over from the shop" in told
    assert "2 not in the shop" in told
    assert told[-1] == "ended"
