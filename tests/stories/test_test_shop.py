"""The test shop never stands in for a real one unnoticed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.hook import inbox
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph, until
from tests.stories.realshop import HOST, at_real_shop, real_shop

SAYS_SO = "Test shop on this machine"


@pytest.fixture
def newcomer(alone: Callable[..., Command]) -> Command:
    return alone()


@pytest.fixture
def front(tmp_path: Path) -> Path:
    return photograph(tmp_path / "shoot" / "product-158" / "front.jpg", 1)


@pytest.fixture
def known(tmp_path: Path, newcomer: Command) -> Iterator[tuple[StoreProcess, Command]]:
    """A home that has asked a real shop once; the shop, and the command pointed at it."""
    with real_shop(tmp_path) as (store, environment):
        there = at_real_shop(newcomer, environment)
        there("images", "list", "158").well()
        yield store, there


def test_a_home_that_never_knew_a_shop_says_in_every_output_that_it_is_the_test_shop(
    newcomer: Command, front: Path
) -> None:
    table = newcomer("run", front).well()
    assert table.out.splitlines()[0].startswith(f"{SAYS_SO}, http://127.0.0.1:")
    quiet = newcomer("run", "--quiet", front).well()
    assert (quiet.out, quiet.err.count(SAYS_SO)) == ("", 1)
    document = newcomer("run", "--json", front).well()
    assert document.document["store"]["kind"] == "test"
    assert SAYS_SO in document.err
    for command in (["resume"], ["verify"], ["retry", "--failed"], ["drop", "--all-pending"]):
        assert SAYS_SO in newcomer(*command).well().err
    assert newcomer("verify").out.startswith(SAYS_SO)
    assert newcomer("status").well().out.startswith(f"{SAYS_SO}: nothing goes to a real shop\n")
    assert newcomer("status", "--json").document["store"]["kind"] == "test"
    (image,) = newcomer("images", "list", "158", "--json").well().document
    assert image["store"]["kind"] == "test"


def test_a_home_that_knows_a_real_shop_does_nothing_without_one(
    newcomer: Command, known: tuple[StoreProcess, Command], front: Path
) -> None:
    for command in (
        ["run", front],
        ["run", "--dry-run", front],
        ["run", "--json", front],
        ["watch", front.parent],
        ["resume"],
        ["drop", "--all-pending"],
        ["images", "list", "158"],
        ["verify"],
        ["retry", "--failed"],
        ["hook", "--wait", front],
        ["service", "install", front.parent],
    ):
        ended = newcomer(*command)
        assert ended.status == 2, command
        # A program is told so, too.
        told = json.loads(ended.out)["error_code"] if "--json" in command else ended.out
        assert told == ("wrong_setting" if "--json" in command else ""), command
        assert "store_hash and access_token" in ended.err or "`pipeline login` first" in ended.err
        assert "--test-shop" in ended.err
        assert SAYS_SO not in ended.err
    assert HOST in newcomer("run", front).err
    assert not (newcomer.home / "local-store").exists()
    assert known[0].images(158) == []


def test_the_test_shop_is_used_in_such_a_home_where_it_is_asked_for(
    newcomer: Command, known: tuple[StoreProcess, Command], front: Path
) -> None:
    store, there = known
    for command in (newcomer, there):
        run = command("run", "--test-shop", "--json", front).well()
        assert run.document["store"]["kind"] == "test"
        assert SAYS_SO in run.err
    assert store.images(158) == []
    run = there("run", "--json", front).well()
    address = run.document["store"]["address"]
    assert run.document["store"] == {"kind": "real", "address": address, "name": None}
    assert address.startswith(f"https://{HOST}/")
    assert SAYS_SO not in run.err
    assert len(store.images(158)) == 1


def test_what_a_hook_noted_down_waits_there_for_the_real_shop(
    newcomer: Command, known: tuple[StoreProcess, Command], front: Path
) -> None:
    store, there = known
    newcomer("hook", front).well()
    log = newcomer.home / "logs" / "background.jsonl"
    until(lambda: log.exists() and "no shop is set" in log.read_text())
    assert len(inbox.entries(str(newcomer.home))) == 1
    assert not (newcomer.home / "local-store").exists()
    said = newcomer("status").well().out
    assert "no shop is set" in said
    assert "1 shot is noted down" in said
    document = newcomer("status", "--json").document
    assert document["store"] is None
    assert HOST in document["no_shop"]
    doctor = newcomer("doctor")
    assert doctor.status == 1
    assert "WRONG  no shop is set" in doctor.out
    there("run", front).well()
    assert len(store.images(158)) == 1


def test_an_address_that_never_answered_is_no_shop(newcomer: Command, front: Path) -> None:
    nobody = at_real_shop(
        newcomer,
        {
            "PIPELINE_STORE_URL": f"https://{HOST}/stores/x/v3",
            "BIGCOMMERCE_ACCESS_TOKEN": "token",
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "PIPELINE_PATIENCE": "1",
        },
    )
    assert nobody("run", front).status != 0
    assert newcomer("run", front).well().out.startswith(SAYS_SO)


def test_a_ledger_of_an_earlier_version_knows_which_shop_answered(
    newcomer: Command, known: tuple[StoreProcess, Command], front: Path
) -> None:
    known[1]("run", front).well()
    (newcomer.home / "known-shops").unlink()
    ended = newcomer("run", front)
    assert ended.status == 2
    assert HOST in ended.err
