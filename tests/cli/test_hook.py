"""`pipeline hook` where it does not take the quick way, and `pipeline table`."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from pipeline.cli.hook import hook, table
from pipeline.cli.main import commands
from pipeline.hook.inbox import entries
from tests.json_documents import check_document
from tests.stories.commands import photograph

TEST_SHOP = "Test shop on this machine: nothing goes to a real shop\n"


def call(command: click.Command, *words: object, **environment: str) -> Result:
    name = {hook: "hook", table: "table"}[command]
    runner = CliRunner(env={"ACTION": None, "ARGUMENT": None, **environment})
    # As all are called: a command keeps the options that it had when it was called first.
    return runner.invoke(commands, [name, *map(str, words)], standalone_mode=False)


def test_a_call_without_a_photograph_is_wrong(tmp_path: Path) -> None:
    called = call(hook, "--home", tmp_path)
    assert "give a photograph, or call it as gphoto2 does" in str(called.exception)


def test_waiting_and_not_starting_do_not_go_together(tmp_path: Path) -> None:
    called = call(hook, "--home", tmp_path, "--wait", "--no-start", "a.jpg")
    assert "give --wait or --no-start, not both" in str(called.exception)


@pytest.mark.parametrize("action", ["start", "stop"])
def test_gphoto2_tells_of_more_than_photographs(tmp_path: Path, action: str) -> None:
    called = call(hook, "--home", tmp_path, ACTION=action)
    assert (called.return_value, called.output) == (0, "")
    assert entries(str(tmp_path)) == []


def test_a_shot_is_noted_down_with_the_product_that_was_given(tmp_path: Path) -> None:
    shot = tmp_path / "a.jpg"
    shot.write_bytes(b"a photograph")
    home = tmp_path / "home"
    called = call(hook, "--home", home, "--no-start", "--product", "158", shot)
    assert called.return_value == 0
    assert len(entries(str(home))) == 1


def test_a_file_that_is_not_there_is_noted_down_by_nobody(tmp_path: Path) -> None:
    home = tmp_path / "home"
    called = call(hook, "--home", home, "--no-start", "--sku", "SM-13", tmp_path / "a.jpg")
    assert called.return_value == 1
    assert entries(str(home)) == []


def test_the_table_is_set_told_and_cleared(tmp_path: Path) -> None:
    assert call(table, "--home", tmp_path).output == "Nothing is on the table.\n" + TEST_SHOP
    assert call(table, "--home", tmp_path, " SM-13 ").output == "On the table: SM-13\n" + TEST_SHOP
    set_by_id = call(table, "--home", tmp_path, "--product", "158")
    assert set_by_id.output == "On the table: product 158\n" + TEST_SHOP
    assert call(table, "--home", tmp_path).output == set_by_id.output
    told = json.loads(call(table, "--home", tmp_path, "--json").output)
    assert told["product_id"] == 158
    assert told["store"] == {"kind": "test", "address": None, "name": None}
    assert (
        call(table, "--home", tmp_path, "--clear").output
        == "Nothing is on the table.\n" + TEST_SHOP
    )


@pytest.mark.parametrize("words", [["SM-13", "--clear"], ["SM-13", "--product", "158"]])
def test_one_thing_is_said_of_the_table_at_once(tmp_path: Path, words: list[str]) -> None:
    called = call(table, "--home", tmp_path, *words)
    assert "give a SKU, or --product, or --clear" in str(called.exception)


@pytest.mark.parametrize("sku", ["  ", "SM\x1b13"])
def test_a_sku_can_be_read(tmp_path: Path, sku: str) -> None:
    assert "a SKU has letters" in str(call(table, "--home", tmp_path, sku).exception)


def test_what_is_on_the_table_is_told_to_programs_too(tmp_path: Path) -> None:
    home, told = tmp_path / "home", []
    for words in ((), ("--force", "SM-13"), ("--force", "--product", "158"), ("--clear",)):
        called = call(table, "--json", *words, "--home", home, "--test-shop")
        assert called.return_value == 0
        check_document(["table", "--json"], called.stdout)
        document = json.loads(called.stdout)
        told.append((document["product_id"], document["sku"]))
    assert told == [(None, None), (None, "SM-13"), (158, None), (None, None)]


def test_a_program_is_told_which_shots_were_noted_down(tmp_path: Path) -> None:
    shot = photograph(tmp_path / "a.jpg")
    words = ("--home", tmp_path / "home", "--no-start", "--sku", "SM-13", "--json")
    called = call(hook, *words, shot, tmp_path / "gone.jpg")
    assert called.return_value == 1
    check_document(["hook", "--json"], called.stdout)
    document = json.loads(called.stdout)
    assert document["noted_down"] == [
        {"path": str(shot), "product_id": None, "sku": "SM-13", "copied": True}
    ]
    assert document["not_noted_down"] == 1
