"""Nothing that comes from the shop, a name, a SKU or a map does something to a terminal."""

from __future__ import annotations

import ast
import io
import json
import os
import random
import subprocess
import sys
import unicodedata
from contextlib import suppress
from pathlib import Path

import pytest
from rich.table import Table
from rich.text import Text

from pipeline.cli.terminal import Style, console, say, say_json, say_styled, say_text
from tests import posix
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, Ended, photograph

CLI = Path(__file__).resolve().parents[2] / "pipeline" / "cli"

TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"

EVIL = f"\x1b]0;owned\x07\x1b[2J\r\x08\x7f\x9b31m\u2028{TURNING}[/bold][red]:boom:"
"""A title, a cleared screen, a line written over, colours, and directions; and what is only odd."""


def harmless(text: str) -> bool:
    return all(sign.isprintable() or sign == "\n" for sign in text)


def any_text(dice: random.Random) -> str:
    low, high = ("".join(map(chr, numbers)) for numbers in (range(32), range(127, 160)))
    pools = ("abc [/x]äß日", TURNING, low, high, "\udc9b\ue000\u2028\ufeff")
    return "".join(dice.choice(dice.choice(pools)) for _ in range(30))


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_said_is_said_harmlessly(seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    text = any_text(random.Random(seed))
    table = Table("file")
    table.add_row(text)
    for err in (False, True):
        say(text, err=err)
        say_styled((text, "plain"), (text, "faint"))
        shown = console(err=err)
        shown.print(text)
        shown.print(Text(text, style="red"), soft_wrap=True)
        shown.print(table)
    said = "".join(capsys.readouterr())
    assert harmless(said), (seed, said)


@pytest.mark.parametrize("seed", range(20))
def test_json_means_the_same_and_is_harmless(seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    document = {any_text(random.Random(seed)): ["日本", 1]}
    say_json(json.dumps(document, indent=1, ensure_ascii=False))
    out = capsys.readouterr().out
    assert harmless(out), seed
    assert "日本" in out
    assert json.loads(out) == document


def test_one_line_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    say("a\nstored   b")
    assert capsys.readouterr().out == "a\\nstored   b\n"


def test_a_script_goes_into_a_file_as_it_is_and_is_shown_harmlessly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    say_text("#!/bin/sh\nls 'a\x1b[2J'\n")
    assert capsys.readouterr().out == "#!/bin/sh\nls 'a\x1b[2J'\n"

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    shown = Terminal()
    monkeypatch.setattr(sys, "stdout", shown)
    say_text("#!/bin/sh\nls 'a\x1b[2J'\n")
    assert shown.getvalue() == "#!/bin/sh\nls 'a\\x1b[2J'\n"


def test_pieces_of_a_line_are_styled_where_a_terminal_shows_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pieces: tuple[tuple[str, Style], ...] = (("3", "strong"), ("  in all", "plain"), (".", "faint"))
    say_styled(*pieces)
    assert capsys.readouterr().out == "3  in all.\n"

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("TERM", raising=False)
    shown = Terminal()
    monkeypatch.setattr(sys, "stdout", shown)
    say_styled(*pieces)
    assert shown.getvalue() == "\x1b[1m3\x1b[0m  in all\x1b[2m.\x1b[0m\n"
    monkeypatch.setenv("TERM", "dumb")
    dumb = Terminal()
    monkeypatch.setattr(sys, "stdout", dumb)
    say_styled(*pieces)
    assert dumb.getvalue() == "3  in all.\n"


def test_nothing_else_in_the_command_line_prints() -> None:
    printing = []
    for file in CLI.glob("*.py"):
        # What completes words is read by a shell, before anything that prints is loaded.
        if file.name in ("terminal.py", "completing.py"):
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called in ("print", "Console", "click.echo", "click.secho", "sys.stdout.write"):
                    printing.append(f"{file.name}:{node.lineno}")
    assert printing == []


@pytest.fixture
def evil(tmp_path: Path) -> str:
    """A name that file systems take."""
    try:
        (tmp_path / f"{EVIL.replace('/', '')}.jpg").touch()
    except OSError:
        pytest.skip("no such names here")
    return EVIL.replace("/", "")


def test_every_command_shows_hostile_names_and_words_of_the_shop_harmlessly(
    tmp_path: Path, evil: str
) -> None:
    catalogue = tmp_path / "products.csv"
    catalogue.write_text(f'id,sku,name\n158,"{EVIL}","{EVIL}"\n159,SM-13,bottle\n', "utf-8")
    told: list[Ended] = []
    with StoreProcess(
        tmp_path / "store", "--catalogue", str(catalogue), as_described=False
    ) as store:
        pipeline = Command(tmp_path / "home", store, settle_after=0.5, patience=3)
        shop = tmp_path / f"in {evil}"
        good = photograph(shop / "159" / f"a{evil}.jpg", 1)
        photograph(shop / f"nobody {evil}" / f"b{evil}.jpg", 2)
        (shop / "159" / f"c{evil}.jpg").write_bytes(b"\xff\xd8\xff\xe0 none")
        (shop / "159" / f"d{evil}.jpg").symlink_to(good)
        create = {"method": "POST", "path": "/catalog/products/*/images"}
        store.misbehave({"do": "answer", "status": 422, **create, "times": 1})
        for arguments in (
            ("run", "--dry-run", shop),
            ("run", shop),
            ("run", shop),
            ("run", "--json", shop),
            ("run", "--quiet", shop),
            ("run", "--sku", EVIL, shop),
            ("run", shop / f"missing {evil}"),
            ("images", "create", 159, good, "--description", EVIL),
            ("images", "list", 159),
            ("images", "list", 159, "--json"),
            ("images", "get", 159, 1),
            ("images", "get", 159, 2),
            ("images", "update", 159, 1, "--description", EVIL),
            ("images", "create", 159, f"missing {evil}"),
            ("status",),
            ("list",),
            ("list", "--json"),
            ("history", good),
            ("history", f"missing {evil}"),
            ("retry", "--failed"),
            ("retry", good, f"missing {evil}"),
            ("verify",),
            ("verify", "--json"),
            ("images", "delete", 159, 1),
            ("images", "delete", "--yes", 159, 1),
            ("verify",),
            ("ledger", "check"),
            ("ledger", "backup", tmp_path / f"copy {evil}"),
            ("ledger", "rebuild", shop),
            ("ledger", "settle", good, "--not-there"),
            ("table", EVIL),
            ("hook", "--no-start", f"missing {evil}"),
            ("config", "show", "--config", tmp_path / f"none {evil}"),
            ("doctor", "--home", tmp_path / f"home {evil}"),
            (evil,),
            ("run", f"--{evil}"),
        ):
            ended = pipeline(*arguments)
            assert harmless(ended.out + ended.err), (arguments, ended)
            told.append(ended)
    assert sum("\\x1b" in one.out + one.err or "\\u001b" in one.out for one in told) > 15
    assert all(unicodedata.category(sign) != "Cf" for one in told for sign in one.out + one.err)


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX's")
def test_the_display_of_a_run_on_a_terminal_moves_only_itself(tmp_path: Path, evil: str) -> None:
    with StoreProcess(tmp_path / "store", "--open", as_described=False) as store:
        pipeline = Command(tmp_path / "home", store, settle_after=0.5, patience=3)
        for number in range(3):
            photograph(tmp_path / "shop" / "158" / f"{number}{evil}.jpg", number, (3000, 2000))
        photograph(tmp_path / "shop" / evil / "b.jpg", 9)
        shown = on_a_terminal(pipeline, "run", tmp_path / "shop")
    assert "\x1b[" in shown, "nothing moved: it was no terminal to it"
    assert "\\x1b]0;owned" in shown
    for sign in ("\x1b]", "\x1b[2J", "\x07", "\x08", "\x7f", "\x9b", "\u2028", *TURNING):
        assert sign not in shown, repr(sign)


def on_a_terminal(pipeline: Command, *arguments: object) -> str:
    """Run a command on a pseudo-terminal of its own; return all that it was sent."""
    ours, theirs = posix.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "pipeline", *map(str, arguments)],
        stdout=theirs,
        stderr=theirs,
        env={**pipeline.environment, "TERM": "xterm-256color"},
    )
    os.close(theirs)
    pieces = []
    # Where the last process has left a terminal, Linux says so by an error.
    with suppress(OSError):
        while piece := os.read(ours, 65_536):
            pieces.append(piece)
    os.close(ours)
    process.wait(60)
    return b"".join(pieces).decode("utf-8")


def test_what_is_written_out_in_a_table_is_not_cut_off(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("what it is called")
    table.add_row("red \x1b[31mred\x1b[0m \u202ebackwards\u202c end")
    console().print(table)
    assert r"red \x1b[31mred\x1b[0m \u202ebackwards\u202c end" in capsys.readouterr().out
