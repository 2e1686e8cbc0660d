"""What people see on terminals of 80 and of 40 columns, and what a file or a pipe gets."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import screens
from tests.localstore.process import StoreProcess
from tests.screens import Terminal
from tests.stories.commands import ROOT, Command, photograph

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX's")


def on_a_screen(pipeline: Command, *arguments: object, **how: Any) -> Terminal:
    """Run a command on a terminal that is so high that nothing is paged."""
    return screens.on_a_screen(pipeline, *arguments, lines=300, **how)


LONG = "c_of_a_very_very_long_name_that_goes_on_and_on_and_on_and_on_and_on_and_on_01.jpg"


@dataclass(frozen=True)
class World:
    """A shop, the command, and a folder with a long name that was taken in once."""

    store: StoreProcess
    pipeline: Command
    folder: Path


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    with StoreProcess(folder / "store", "--open", "--plan", "unlimited") as store:
        pipeline = Command(folder / "home", store, settle_after=0.5, patience=3)
        shop = folder / "a folder with a long name" / "autumn and winter 2026"
        for number in range(4):
            photograph(shop / "158" / f"sm-13_front_{number}.jpg", number)
        photograph(shop / "nobody" / "b.jpg", 99)
        (shop / "159").mkdir()
        (shop / "159" / LONG).write_bytes(b"\xff\xd8\xff\xe0 none")
        assert pipeline("run", shop).status == 1
        yield World(store, pipeline, shop)


@pytest.mark.parametrize("columns", [80, 40])
def test_the_progress_of_a_run_counts_first_and_never_wraps(
    world: World, columns: int, tmp_path: Path
) -> None:
    number = 12
    for name in range(number):
        photograph(
            tmp_path / "160" / f"a_long_name_of_a_photograph_{name}.jpg",
            columns * 100 + name,
            (1200, 900),
        )
    lines = set()
    with Terminal(world.pipeline, "run", tmp_path, columns=columns) as terminal:
        terminal.until(lambda: f" of {number}" in terminal.shown)
        while terminal.process.poll() is None:
            terminal.read()
            lines |= {line for line in terminal.shown.split("\n") if f" of {number}" in line}
        assert terminal.end() == 0
    assert terminal.screen.wrapped == []
    assert lines
    assert all(re.match(rf"\d+ of {number}\b", line) for line in lines), lines
    assert f"{number}  stored" in terminal.shown
    assert f" of {number}" not in terminal.shown, "the progress stayed"


@pytest.mark.parametrize("columns", [80, 60])
def test_answers_fit_the_screen(world: World, columns: int) -> None:
    for arguments in (
        ("list",),
        ("list", "--columns", "state,date,received,product,sku,image,file,sha256"),
        ("status",),
        ("history", "c_of_a"),
        ("history", "sm-13_front_3"),
        ("verify",),
        ("config", "show"),
        ("images", "list", 158),
        ("report",),
    ):
        terminal = on_a_screen(world.pipeline, *arguments, columns=columns)
        assert terminal.process.returncode == 0, terminal.lines
        assert terminal.screen.wrapped == [], arguments
        assert len(terminal.lines) > 1 or arguments == ("verify",)


def test_the_list_keeps_what_matters_and_a_wide_terminal_shows_all(world: World) -> None:
    lines = on_a_screen(world.pipeline, "list", columns=40).lines
    assert lines[1].split() == ["state", "sku", "file"]
    assert any(re.fullmatch(r"stored +158 +\S*…\S*front_3\.jpg", line) for line in lines)
    wide = on_a_screen(world.pipeline, "list", columns=300).lines
    shown = ["state", "date", "product", "sku", "name", "image", "size", "file"]
    assert wide[1].split() == shown
    assert any(line.endswith(str(world.folder / "158" / "sm-13_front_3.jpg")) for line in wide)


def test_what_differs_fits_the_screen(world: World, tmp_path: Path) -> None:
    photograph(tmp_path / "161" / LONG.replace("_", "-"), 7_001)
    world.pipeline("run", tmp_path).well()
    (image,) = world.store.images(161)
    world.store.call("DELETE", f"/catalog/products/161/images/{image['id']}")
    terminal = on_a_screen(world.pipeline, "verify")
    assert terminal.screen.wrapped == []
    assert any(line.startswith("missing    product 161") for line in terminal.lines)


def test_a_dumb_terminal_gets_no_escape_sequence(world: World, tmp_path: Path) -> None:
    photograph(tmp_path / "162" / "a.jpg", 8_001)
    for arguments in (("run", tmp_path, world.folder), ("list",), ("config", "show"), ("verify",)):
        terminal = on_a_screen(world.pipeline, *arguments, environment={"TERM": "dumb"})
        assert b"\x1b" not in terminal.raw, arguments


def test_without_colours_there_is_none(world: World, tmp_path: Path) -> None:
    photograph(tmp_path / "163" / "a.jpg", 9_001)
    coloured = on_a_screen(world.pipeline, "run", world.folder)
    assert COLOURS.search(coloured.raw)
    for arguments in (("run", tmp_path, world.folder), ("list",), ("config", "show")):
        terminal = on_a_screen(world.pipeline, *arguments, environment={"NO_COLOR": "1"})
        assert not COLOURS.search(terminal.raw), arguments


COLOURS = re.compile(rb"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9\d|10\d)(?:;\d+)*m")


def test_no_line_comes_twice_where_both_streams_go_to_one_place(
    world: World, tmp_path: Path
) -> None:
    photograph(tmp_path / "164" / "a.jpg", 10_001)
    photograph(tmp_path / "somebody" / "b.jpg", 10_002)
    words = [sys.executable, "-m", "pipeline", "run", str(tmp_path), str(world.folder)]
    file = tmp_path / "log"
    with file.open("w") as log:
        subprocess.run(
            words, stdout=log, stderr=log, env=world.pipeline.environment, cwd=ROOT, check=False
        )
    lines = file.read_text("utf-8").splitlines()
    assert len(lines) == len(set(lines)), lines
    assert sum(line.startswith("waiting") for line in lines) == 2
    terminal = on_a_screen(world.pipeline, "run", tmp_path, world.folder)
    told = [line for line in terminal.lines if line]
    assert len(told) == len(set(told)), told


def test_the_test_shop_is_said_once_in_one_place(tmp_path: Path) -> None:
    photograph(tmp_path / "photos" / "158" / "a.jpg", 1)
    pipeline = Command(tmp_path / "home")
    terminal = on_a_screen(pipeline, "run", tmp_path / "photos", environment={"COLUMNS": "300"})
    assert sum("Test shop on this machine" in line for line in terminal.lines) == 1
    apart = pipeline("run", tmp_path / "photos")
    assert "Test shop" in apart.out
    assert "Test shop" in apart.err


def test_into_a_pipe_rows_go_whole(world: World) -> None:
    listed = world.pipeline("list", environment={"COLUMNS": "40"}).well().out
    assert str(world.folder / "159" / LONG) in listed
    assert "…" not in listed
    shown = world.pipeline("config", "show", environment={"COLUMNS": "40"}).well().out
    assert len(shown.splitlines()) == len({line.split()[0] for line in shown.splitlines()}), (
        "a setting takes one line"
    )
