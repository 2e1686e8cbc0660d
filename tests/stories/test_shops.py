"""Two shops in one home: nothing of the one goes to the other, or is told of it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from pipeline.home import BACKGROUND_LOCK, of_shop
from pipeline.hook import inbox
from tests.stories.commands import ROOT, Command, Ended, photograph, until
from tests.stories.realshop import RealShop, real_shops
from tests.stories.watching import Watching

COMMAND = (sys.executable, "-m", "pipeline")

MAIN, OUTLET = "main.example", "outlet.example"

COMMENTED = """\
# The studio's settings.
workers = 1   # an old machine

[shops]   # in the order in which we opened them
"""


class Home:
    """A home with two shops, `main` in use, and the command."""

    def __init__(self, pipeline: Command, shops: Mapping[str, RealShop]) -> None:
        self.pipeline = pipeline
        self.main, self.outlet = shops[MAIN], shops[OUTLET]
        self.file = pipeline.home / "pipeline.toml"

    def names(self, path: Path) -> set[str]:
        """Return which shops have a picture of product 158."""
        return {
            name
            for name, shop in (("main", self.main), ("outlet", self.outlet))
            if any(path.stem in image["image_file"] for image in shop.store.images(158))
        }


def added(pipeline: Command, name: str, shop: RealShop, *words: str) -> Ended:
    """Add a shop as a script does, with the token on standard input."""
    process = subprocess.run(
        [
            sys.executable,
            "-m",
            "pipeline",
            "shop",
            "add",
            name,
            "--url",
            shop.url,
            "--token-stdin",
            "--ca-file",
            str(shop.certificate),
            *words,
        ],
        input=f"{shop.store.token}\n",
        env=pipeline.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return Ended(status=process.returncode, out=process.stdout, err=process.stderr)


@pytest.fixture
def home(tmp_path: Path, alone: Callable[..., Command]) -> Iterator[Home]:
    pipeline = alone(settle_after=1, patience=20)
    with real_shops(tmp_path, [MAIN, OUTLET]) as (shops, proxy):
        pipeline.environment["HTTPS_PROXY"] = proxy
        one = Home(pipeline, shops)
        one.file.parent.mkdir()
        one.file.write_text(COMMENTED)
        for name, host in (("main", MAIN), ("outlet", OUTLET)):
            added(pipeline, name, shops[host]).well()
        yield one


@pytest.fixture
def front(tmp_path: Path) -> Path:
    return photograph(tmp_path / "shoot" / "id-158" / "front.jpg", 1)


@pytest.fixture
def back(tmp_path: Path) -> Path:
    return photograph(tmp_path / "sale" / "id-158" / "back.jpg", 2)


def test_shops_are_added_used_and_removed_and_the_file_keeps_its_comments(home: Home) -> None:
    text = home.file.read_text()
    assert "# The studio's settings." in text
    assert "# an old machine" in text
    assert home.file.stat().st_mode & 0o077 == 0
    listed = home.pipeline("shop", "list").well().out.splitlines()
    assert listed[0].startswith(f"* main ({MAIN}): 0 photographs")
    assert listed[1].startswith(f"  outlet ({OUTLET}): 0 photographs")
    assert home.pipeline("shop", "use", "outlet").well().out.startswith("In use: outlet")
    in_use = [one["in_use"] for one in home.pipeline("shop", "list", "--json").well().document]
    assert in_use == [False, True]
    mistyped = home.pipeline("shop", "use", "outlte")
    assert (mistyped.status, "perhaps 'outlet' is meant" in mistyped.err) == (2, True)
    refused = home.pipeline("shop", "remove", "outlet")
    assert (refused.status, "--yes" in refused.err) == (2, True)
    home.pipeline("shop", "remove", "outlet", "--yes").well()
    ended = home.pipeline("status")
    assert "pipeline shop use NAME" in ended.out
    assert "# The studio's settings." in home.file.read_text()
    assert home.file.read_text().count(home.main.store.token) == 1


def test_a_token_is_never_taken_from_the_command_line_and_never_shown(home: Home) -> None:
    shop = home.outlet
    for words in (("shop", "add", "third", "--url", f"{shop.url}/x/v3"), ("shop", "add", "third")):
        ended = home.pipeline(*words)
        assert ended.status == 2
    told = [home.pipeline(*words) for words in (("shop", "list"), ("config", "show"), ("status",))]
    for answer in told:
        assert shop.store.token not in answer.out + answer.err


def test_a_run_each_goes_to_its_own_shop_and_is_told_of_it_alone(
    home: Home, front: Path, back: Path
) -> None:
    ran = home.pipeline("run", front).well()
    assert ran.out.startswith(f"Shop: main ({MAIN})\n")
    document = home.pipeline("run", "--shop", "outlet", "--json", back).well().document
    assert document["store"] == {"kind": "real", "address": home.outlet.url, "name": "outlet"}
    assert (home.names(front), home.names(back)) == ({"main"}, {"outlet"})
    for name, own, others, host in (
        ("main", front, back, MAIN),
        ("outlet", back, front, OUTLET),
    ):
        by_variable = {"PIPELINE_SHOP": name}
        for words in (("list",), ("history", own.name)):
            for told in (
                home.pipeline(*words, "--shop", name).well().out,
                home.pipeline(*words, environment=by_variable).well().out,
            ):
                assert told.startswith(f"Shop: {name} ({host})\n")
                assert own.name in told
                assert others.name not in told
        (photo,) = home.pipeline("list", "--json", "--shop", name).well().document
        assert (photo["path"], photo["store"]["name"]) == (str(own), name)
        assert home.pipeline("history", others.name, "--shop", name).status == 1
        status = home.pipeline("status", "--json", "--shop", name).well().document
        assert (status["store"]["name"], status["counts"]["stored"]) == (name, 1)
        verified = home.pipeline("verify", "--shop", name).well().out
        assert verified.startswith(f"Shop: {name} ({host})\n1 stored, 0 differences")


def test_all_shops_are_told_of_one_after_the_other(home: Home, front: Path, back: Path) -> None:
    home.pipeline("run", front).well()
    home.pipeline("run", "--shop", "outlet", back).well()
    heads = [f"Shop: main ({MAIN})", f"Shop: outlet ({OUTLET})"]
    for words in (("status",), ("list",), ("history", ".jpg"), ("verify",), ("batches",)):
        told = home.pipeline(*words, "--all-shops").well().out.splitlines()
        assert [line for line in told if line.startswith("Shop: ")] == heads, words
    listed = home.pipeline("list", "--all-shops", "--json").well().document
    assert [photo["store"]["name"] for photo in listed] == ["main", "outlet"]
    found = home.pipeline("history", ".jpg", "--all-shops", "--json").well().document
    assert [photo["store"]["name"] for photo in found] == ["main", "outlet"]
    written = home.pipeline("batches", "--all-shops", "--json").well().document
    assert [(one["store"]["name"], one["uploaded"]) for one in written] == [
        ("main", 1),
        ("outlet", 1),
    ]
    status = home.pipeline("status", "--all-shops", "--json").well().document
    assert [one["in_use"] for one in status["shops"]] == [True, False]
    assert [one["stored_in_24_hours"] for one in status["shops"]] == [1, 1]
    assert status["stored_in_24_hours"] == 1
    assert [(one["store"]["name"], one["total"]) for one in status["shops"]] == [
        ("main", 1),
        ("outlet", 1),
    ]
    assert [one["today"]["stored"] for one in status["shops"]] == [1, 1]
    whole = home.pipeline("status", "--all-shops").well().out
    assert whole.count("Today: 1 found, 1 in the shop.") == 2
    refused = home.pipeline("list", "--all-shops", "--shop", "main")
    assert (refused.status, "not both" in refused.err) == (2, True)


def test_a_mistyped_name_and_an_environment_that_contradicts_end_with_2(
    home: Home, front: Path
) -> None:
    for words in (("run", front), ("list",), ("status",), ("verify",), ("images", "list", "158")):
        mistyped = home.pipeline(*words, "--shop", "outlte")
        assert (mistyped.status, mistyped.out) == (2, "")
        assert "perhaps 'outlet' is meant" in mistyped.err
    for environment in (
        {"BIGCOMMERCE_STORE_HASH": "def456"},
        {"PIPELINE_STORE_URL": home.outlet.url},
        {"BIGCOMMERCE_ACCESS_TOKEN": "another-token"},
    ):
        for call in (("run", front), ("list",), ("run", front, "--shop", "main")):
            ended = home.pipeline(*call, environment=environment)
            assert (ended.status, ended.out) == (2, "")
            assert f"unset {next(iter(environment))}" in ended.err
            assert "another-token" not in ended.err
    assert home.names(front) == set()


def test_an_address_that_never_answered_is_no_shop_and_can_be_dropped(
    home: Home, front: Path
) -> None:
    before = home.file.read_text()
    untried = added(home.pipeline, "third", _nowhere(home))
    assert untried.status == 2
    assert "nothing is kept: the shop https://nowhere.example" in untried.err
    assert "--no-try keeps them untried" in untried.err
    assert home.file.read_text() == before
    added(home.pipeline, "third", _nowhere(home), "--no-try").well()
    ended = home.pipeline("run", "--shop", "third", front)
    assert ended.status != 0
    home.pipeline("run", front).well()
    address = "nowhere.example/stores/x/v3"
    told = home.pipeline("status", "--shop", "third").well().out
    assert told.startswith("Shop: third (nowhere.example), which has never answered")
    home.pipeline("shop", "remove", "third", "--yes").well()
    for words in (("status", "--all-shops"), ("list", "--all-shops")):
        assert "Shop: nowhere" not in home.pipeline(*words).well().out
    assert f"pipeline shop forget {address}" in home.pipeline("status").well().out
    assert "No shop: nowhere.example" in home.pipeline("shop", "list").well().out
    (silent,) = home.pipeline("status", "--json").well().document["never_answered"]
    assert silent == {"address": address, "photographs": 1}
    refused = home.pipeline("shop", "forget", address)
    assert (refused.status, "--yes" in refused.err) == (2, True)
    answered = home.pipeline("shop", "forget", home.main.url, "--yes")
    assert answered.status == 2
    assert "it has answered" in answered.err
    assert "Dropped: 1 photograph." in home.pipeline("shop", "forget", address, "--yes").well().out
    assert home.pipeline("status", "--json").well().document["never_answered"] == []
    home.pipeline("ledger", "check").well()
    assert home.pipeline("shop", "forget", address, "--yes").status == 2
    assert front.exists()


def _nowhere(home: Home) -> RealShop:
    return RealShop(home.main.store, "https://nowhere.example/stores/x/v3", home.main.certificate)


def test_a_hooks_shot_lands_in_the_shop_that_its_call_names(
    home: Home, front: Path, back: Path, tmp_path: Path
) -> None:
    side = photograph(tmp_path / "shoot" / "id-158" / "side.jpg", 3)
    home.pipeline("hook", front).well()
    home.pipeline("hook", "--shop", "outlet", back).well()
    home.pipeline("hook", side, environment={"PIPELINE_SHOP": "outlet"}).well()
    until(lambda: inbox.entries(str(home.pipeline.home)) == [])
    for shop in ("", "outlet"):
        lock = of_shop(BACKGROUND_LOCK, shop)
        until(lambda lock=lock: not inbox.is_locked(str(home.pipeline.home), lock))  # type: ignore[misc]
    assert home.names(front) == {"main"}
    assert home.names(back) == home.names(side) == {"outlet"}


def test_a_watcher_takes_no_shot_of_another_shop_and_stays_at_its_own(
    home: Home, front: Path, back: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "watched"
    folder.mkdir()
    with Watching(home.pipeline, folder, rescan_every=3, quiet_after=1).running():
        home.pipeline("hook", "--shop", "outlet", back).well()
        until(lambda: home.names(back) == {"outlet"})
        begun = rf"watching 1 folder for main \({MAIN}\) since \w+ \d\d:\d\d"
        assert re.search(rf"{begun}, 0 stored today", home.pipeline("status").well().out)
        # What it has stored is not the other shop's.
        other = home.pipeline("status", "--shop", "outlet").well().out
        assert re.search(rf"{begun}$", other, re.MULTILINE), other
        watcher = home.pipeline("status", "--json", "--shop", "outlet").well().document["watcher"]
        assert watcher["store"] == {"kind": "real", "address": home.main.url, "name": "main"}
        home.pipeline("shop", "use", "outlet").well()
        shot = photograph(folder / "id-158" / "watched.jpg", 4)
        until(lambda: home.names(shot) == {"main"})
        until(lambda: "" not in (home.pipeline.home / "watch-shops").read_text().splitlines())
        # Now it is the outlet's where none is named, and the watcher leaves it alone.
        home.pipeline("hook", front).well()
        until(lambda: home.names(front) == {"outlet"})
        second = home.pipeline("watch", "--shop", "outlet", folder)
        assert (second.status, "another watcher is at work" in second.err) == (2, True)
    assert home.names(shot) == {"main"}


def test_the_service_and_a_script_name_the_shop(home: Home, front: Path) -> None:
    unit = home.pipeline("service", "install", "--print", front.parent).well().out
    assert "--shop" in unit
    assert "main" in unit
    words = ("service", "install", "--shop", "outlet", "--print", front.parent)
    assert "outlet" in home.pipeline(*words).well().out
    script = home.pipeline("hook", "--print", "gphoto2", "--shop", "outlet").well().out
    assert "--shop outlet" in script


def test_what_a_quiet_run_says_names_its_shop(home: Home, back: Path) -> None:
    """Two shops in one crontab: of which of them is this mail?"""
    home.outlet.store.misbehave({"do": "answer", "status": 401, "method": "POST"})
    ended = home.pipeline("run", "-q", "--shop", "outlet", back)
    assert ended.status == 2
    assert f"pipeline: outlet ({OUTLET}): Ended early" in ended.err
